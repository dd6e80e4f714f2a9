/** How fast the state engine commits and opens, beside SQLite (FULL) or a bare append + fdatasync on the same disk. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Server } from '../../src/model/server.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import type { Row } from './row.ts'
import { syncsPerSecond } from './state-comparison.ts'
import { benchServer, benchServerId } from './state-records.ts'

const author = { actor: 'bench', request: 'req-bench', action: 'server.update' }
const sizes = [1000, 10_000, 100_000]
const roundMs = 1500
const openerPath = fileURLToPath(new URL('state-open.ts', import.meta.url))

/** Rows for serial and grouped transactions at three sizes, and for opening the largest. */
export async function benchState(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'nk-bench-'))
  const rows: Row[] = []
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  try {
    let filled = 0
    for (const size of sizes) {
      await fill(store, filled, size)
      filled = size
      rows.push(...(await commitRows(store, size, directory)))
    }
    rows.push(openRow(directory, 'behind the journal of the rows above'))
    await store.compact({ force: true })
    rows.push(openRow(directory, 'just compacted'))
  } finally {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return rows
}

/** Adds the servers from `from` up to `to`. */
export async function fill(store: Store, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 1000) {
    await store.transaction(author, async (tx) => {
      for (let n = start; n < Math.min(start + 1000, to); n += 1) await tx.insert('servers', benchServer(n))
    })
  }
  await store.compact({ force: true })
}

async function commitRows(store: Store, size: number, directory: string): Promise<Row[]> {
  // The first look-ups build the map of ids, once a process.
  for (let warm = 0; warm < 50; warm += 1) await touch(store, size)
  const base = await syncsPerSecond(directory, roundMs)
  const serial = await perSecond(() => touch(store, size), 1)
  const grouped = await perSecond(() => touch(store, size), 256)
  const row = (work: string, value: number, budget: number): Row => ({
    work: `${work}, ${size} records`,
    value: Math.round(value),
    unit: 'transactions/s',
    comparedWith: base.name,
    comparison: Math.round(base.perSecond),
    ratio: value / base.perSecond,
    budget: `>= ${budget}/s`,
    met: value >= budget,
  })
  return [row('serial durable transactions', serial, 3000), row('grouped durable transactions', grouped, 20_000)]
}

let walk = 0
/** Changes one server of `size`, picked by a walk that visits all of them. */
export async function touch(store: Store, size: number): Promise<void> {
  walk = (walk + 7919) % size
  const id = benchServerId(walk)
  await store.transaction(author, async (tx) => {
    const found: Server | undefined = await tx.get('servers', id)
    if (found) await tx.update('servers', { ...found, taskState: found.taskState ? null : 'rebooting' })
  })
}

/** How often `work` is done in a second, by `atOnce` callers. */
export async function perSecond(work: () => Promise<void>, atOnce: number): Promise<number> {
  const started = performance.now()
  let done = 0
  const loop = async () => {
    while (performance.now() - started < roundMs) {
      await work()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, loop))
  return (done * 1000) / (performance.now() - started)
}

/** The median of cold processes that open the store and list the newest 20; loading node and TypeScript is left out. */
function openRow(directory: string, journal: string): Row {
  const median = (script: string[]) => {
    const times = Array.from({ length: 7 }, () => {
      const ran = spawnSync(process.execPath, script, { env: { ...process.env, NODE_EXTRA_CA_CERTS: '' } })
      if (ran.status !== 0) throw new Error(ran.stderr.toString())
      return Number(ran.stdout.toString().trim())
    })
    return times.sort((one, other) => one - other)[3] ?? Number.NaN
  }
  const opened = median(['--import', 'tsx', openerPath, directory, 'open'])
  const parsed = median(['--import', 'tsx', openerPath, directory, 'parse'])
  return {
    work: `open 100000 records and list the newest 20, cold process, ${journal}`,
    value: Math.round(opened * 10) / 10,
    unit: 'ms',
    comparedWith: 'parse all of the snapshot',
    comparison: Math.round(parsed),
    ratio: opened / parsed,
    budget: '<= 300 ms',
    met: opened <= 300,
  }
}
