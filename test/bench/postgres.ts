/** The store in PostgreSQL (a server of its own on this machine, fsync on) beside the store of JSON files on the same disk. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { openPostgresStore } from '../../src/state/postgres/postgres-store.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { type Postgres, startPostgres } from '../support/postgres.ts'
import type { Row } from './row.ts'
import { fill, perSecond, touch } from './state.ts'
import { benchServerId } from './state-records.ts'

const sizes = [1000, 10_000, 100_000]
const target = { serial: 300, grouped: 3000, listMs: 30, loadMs: 3000, getMs: 5 }

/** Rows for transactions and lists at three sizes, and for a process that starts. */
export async function benchPostgres(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'nk-bench-'))
  const postgres = await startPostgres({ settings: ["shared_buffers = '256MB'", "max_wal_size = '4GB'"] })
  const json = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  const store = await open(postgres, 0)
  const rows: Row[] = []
  try {
    let filled = 0
    for (const size of sizes) {
      for (const one of [json, store]) await fill(one, filled, size)
      postgres.query('ANALYZE novakit.versions')
      filled = size
      for (const [kind, atOnce] of [
        ['serial', 1],
        ['grouped', 256],
      ] as const) {
        const [there, here] = [await commits(store, size, atOnce), await commits(json, size, atOnce)]
        rows.push(moreIsBetter(`${kind} transactions in PostgreSQL, ${size} records`, there, here, target[kind]))
      }
      if (size === 10_000) rows.push(...(await listRows(postgres, store, json)))
    }
    rows.push(...(await startRows(postgres, directory)))
  } finally {
    await Promise.all([store.close(), json.close()])
    await postgres.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return rows
}

const open = (postgres: Postgres, coldReads: number) =>
  openPostgresStore({ url: postgres.url(), clock: systemClock, random: systemRandom, fs: systemFs, coldReads })

async function commits(store: Store, size: number, atOnce: number): Promise<number> {
  for (let warm = 0; warm < 20; warm += 1) await touch(store, size)
  return perSecond(() => touch(store, size), atOnce)
}

async function listRows(postgres: Postgres, store: Store, json: Store): Promise<Row[]> {
  const list = (of: Store) => of.read((reader) => reader.list('servers', { where: { deleted: false }, limit: 1000 }))
  const cold = await open(postgres, Number.POSITIVE_INFINITY)
  const past = await store.read(async (reader) => reader.revision - 1000)
  const listPast = () => cold.read((reader) => reader.list('servers', { limit: 1000 }), { revision: past })
  const base = await milliseconds(() => list(json))
  const rows = [
    lessIsBetter(
      'list 1000 of 10000 servers, in memory',
      await milliseconds(() => list(store)),
      'JSON files',
      base,
      target.listMs,
    ),
    lessIsBetter('list 1000 of 10000 servers, by SQL', await milliseconds(() => list(cold)), 'JSON files', base, target.listMs),
    lessIsBetter(
      'list 1000 of 10000 servers, 1000 revisions ago',
      await milliseconds(listPast),
      'JSON files, now',
      base,
      target.listMs,
    ),
  ]
  await cold.close()
  return rows
}

/** What a new process waits for over 100,000 records: one record, or everything. */
async function startRows(postgres: Postgres, directory: string): Promise<Row[]> {
  const one = async (store: Store) => {
    await store.read((reader) => reader.get('servers', benchServerId(4711)))
    await store.close()
  }
  const openJson = () => openJsonStore({ directory, fs: systemFs, clock: systemClock })
  const get = await milliseconds(async () => one(await open(postgres, 8)))
  const load = await milliseconds(async () => one(await open(postgres, 0)), 3)
  const json = await milliseconds(async () => one(openJson()), 3)
  return [
    lessIsBetter('open 100000 records in PostgreSQL and get one', get, 'JSON files', json, target.getMs * 20),
    lessIsBetter('open 100000 records in PostgreSQL and keep all in memory', load, 'JSON files, one record', json, target.loadMs),
  ]
}

/** The median of some runs. */
async function milliseconds(work: () => Promise<unknown>, runs = 9): Promise<number> {
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN
}

const moreIsBetter = (work: string, value: number, comparison: number, budget: number): Row => ({
  ...{ work, value: Math.round(value), unit: 'transactions/s', comparedWith: 'JSON files', comparison: Math.round(comparison) },
  ...{ ratio: value / comparison, budget: `>= ${budget}/s`, met: value >= budget },
})

const lessIsBetter = (work: string, value: number, comparedWith: string, comparison: number, budget: number): Row => ({
  ...{ work, value: Math.round(value * 10) / 10, unit: 'ms', comparedWith, comparison: Math.round(comparison * 10) / 10 },
  ...{ ratio: value / comparison, budget: `<= ${budget} ms`, met: value <= budget },
})
