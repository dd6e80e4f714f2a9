/** `kill -9` at each system call of a purge of the history: what stays can be read at every moment, and the next purge ends the rest. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openJsonStore } from '../../../src/state/json/json-store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aKeypair, author } from '../../contract/store-records.ts'
import type { CliResult } from '../../support/cli.ts'
import { oneThread as env, injecting, type Point, pointsOf } from '../../support/system-calls.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import type { Row, Trial } from '../runner/row.ts'

const died = ({ code, signal }: CliResult) => signal === 'SIGKILL' || code === 137
const day = 86_400_000
const days = 12
const begin = Date.UTC(2025, 0, 1)
/** The revision of day `n` is `n`: this one is inside a sealed segment. */
const oldest = 6
const line = `db purge-history --before ${new Date(begin + (oldest + 1) * day).toISOString()} --yes`

/** Where the newest of these days are in segments that no snapshot covers yet, the purge writes one first. */
const layouts: ReadonlyMap<string, readonly number[]> = new Map([
  ['sealed', [3, 8, 11]],
  ['open', [3]],
])

/** A revision a day. */
async function fill(directory: string, compactedAfter: readonly number[]): Promise<void> {
  let now = begin
  const store = openJsonStore({ directory, fs: systemFs, clock: { ...systemClock, wall: () => now } })
  for (let n = 1; n <= days; n += 1) {
    now = begin + n * day
    await store.transaction(author, async (tx) => {
      await tx.insert('keypairs', aKeypair(`k${n}`))
      if (n > 2) await tx.remove('keypairs', `k${n - 2}`)
    })
    if (compactedAfter.includes(n)) await store.compact({ force: true })
  }
  await store.close()
}

/** Broken invariants of moments that must be there; `isOver`: also of those that must not, and of what is left on the disk. */
async function judged(state: string, isOver: boolean): Promise<string[]> {
  const store = openJsonStore({ directory: state, fs: systemFs, clock: systemClock, readOnly: true })
  const idsAt = (revision: number) =>
    store.read(async (reader) => (await reader.list('keypairs')).map(({ id }) => id).join(), { revision }).catch(String)
  try {
    const findings: string[] = []
    for (let n = oldest; n <= days; n += 1) {
      const found = await idsAt(n)
      if (found !== `k${n - 1},k${n}`) findings.push(`ACK revision ${n} holds ${found}`)
    }
    const older = await idsAt(oldest - 1)
    const [isThere, isGone] = [older === `k${oldest - 2},k${oldest - 1}`, older.includes('is before history begins')]
    if (!isGone && (isOver || !isThere)) findings.push(`REV revision ${oldest - 1} holds ${older}`)
    const kept = readdirSync(join(state, 'history')).filter((name) => isOver && !expected.test(name))
    return [...findings, ...kept.map((name) => `REV the history keeps ${name}`)]
  } finally {
    await store.close()
  }
}

const expected = new RegExp(`^(manifest\\.json|keypairs\\.${oldest}\\.(jsonl|index)|journal\\.[1-9]\\.jsonl\\.gz)$`)

interface World {
  readonly world: TortureState
  /** As it was before the purge. */
  reset(layout: string): void
}

async function aWorld(directory: string): Promise<World> {
  const templates = join(directory, 'templates')
  for (const [name, compactedAfter] of layouts) await fill(join(templates, name), compactedAfter)
  const state = join(directory, 'state')
  const reset = (layout: string) => {
    rmSync(state, { recursive: true, force: true })
    cpSync(join(templates, layout), state, { recursive: true })
  }
  reset('open')
  const world = await tortureState({ directory: state, host: 'flavor list' })
  return { world, reset }
}

async function run({ world, reset }: World, [layout, point]: readonly [string, Point], trial: Trial): Promise<void> {
  reset(layout)
  if (died(await world.run(line, { under: injecting(point, 'signal=SIGKILL'), env }))) trial.fired()
  const findings = await judged(world.state, false)
  const { code, stderr } = await world.run(line)
  if (code !== 0) findings.push(`LIVE the next purge ended with ${code}: ${stderr}`)
  findings.push(...(await judged(world.state, true)))
  const check = await world.run('db check')
  if (check.code !== 0) findings.push(`REV ${check.stdout}`)
  trial.checked()
  trial.judge(['ACK', 'REV', 'LIVE'], findings)
}

export const killPurgeHistory: Row = {
  id: 'R2c',
  title: 'kill -9 at every system call of a purge of the history',
  runs: { t1: 2, t2: 'every', t3: 'every' },
  // Runs differ by a call or two.
  floor: { fired: 0.5, checked: 1 },
  async open() {
    const directory = mkdtempSync(join(tmpdir(), 'nk-'))
    const opened = await aWorld(directory)
    const cases = new Map<string, readonly [string, Point]>()
    for (const layout of layouts.keys()) {
      opened.reset(layout)
      const points = await pointsOf(opened.world.state, (under) => opened.world.run(line, { under, env }))
      for (const point of points) cases.set(`${layout} at ${point.call} ${point.nth}`, [layout, point])
    }
    return {
      cases: [...cases.keys()],
      async run(name, trial) {
        const found = cases.get(name)
        if (!found) throw new Error(`no case ${name}`)
        await run(opened, found, trial)
      },
      close: async () => rmSync(directory, { recursive: true, force: true }),
    }
  },
}
