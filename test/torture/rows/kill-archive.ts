/** `kill -9` at each system call of an archive, a restore and a purge: a server is never lost, and never in two places for long. */
import { jsonArchive } from '../../../src/state/json/archive.ts'
import { openJsonStore } from '../../../src/state/json/json-store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aDeletedServer, giveDeleted } from '../../support/a-deleted-server.ts'
import type { CliResult } from '../../support/cli.ts'
import { oneThread as env, injecting, type Point, pointsOf } from '../../support/system-calls.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import type { Row, Trial } from '../runner/row.ts'

const died = ({ code, signal }: CliResult) => signal === 'SIGKILL' || code === 137
const old = '2025-01-01T00:00:00.000Z'
const perCase = 3
const recordsOfTree = 4

/** What is killed, on servers of its own. */
interface Killed {
  readonly what: string
  readonly prepare?: string
  line(ids: readonly string[]): string
  /** The same again, whatever the kill left. */
  again(): string
  readonly removes: boolean
}

const commands: readonly Killed[] = [
  { what: 'archive', line: () => 'db archive', again: () => 'db archive', removes: false },
  {
    what: 'restore',
    prepare: 'db archive',
    line: ([id]) => `db restore --server ${id}`,
    // Settles; whether it is back depends on the moment of the kill.
    again: () => 'db purge --before 2000-01-01 --yes',
    removes: false,
  },
  {
    what: 'purge',
    prepare: 'db archive',
    line: () => 'db purge --before 2025-06-01 --yes',
    again: () => 'db purge --before 2025-06-01 --yes',
    removes: true,
  },
]

async function succeed(world: TortureState, args: string): Promise<void> {
  const { code, stderr } = await world.run(args, { timeoutMs: 60_000 })
  if (code !== 0) throw new Error(`nova ${args} ended with ${code}: ${stderr}`)
}

let serial = 0
/** Servers of one case, the first of them deleted long ago when they are to be purged. */
async function given(world: TortureState, command: Killed): Promise<string[]> {
  const ids = Array.from({ length: perCase }, () => `k-${++serial}`)
  const store = openJsonStore({ directory: world.state, fs: systemFs, clock: systemClock })
  const deletedAt = (index: number) => (command.removes && index < 2 ? { deletedAt: old } : {})
  await giveDeleted(store, ...ids.map((id, index) => aDeletedServer(id, deletedAt(index)))).finally(() => store.close())
  if (command.prepare) await succeed(world, command.prepare)
  return ids
}

/** Broken invariants of these servers after the command was run again. */
async function judged(world: TortureState, command: Killed, ids: readonly string[]): Promise<string[]> {
  const archive = jsonArchive(world.state, systemFs)
  const findings: string[] = []
  for (const [index, id] of ids.entries()) {
    const stored = await world.read(async (reader) => [
      ...(await reader.list('flows', { where: { serverId: id } })),
      ...[await reader.get('servers', id), await reader.get('requests', `req-${id}`)].filter((record) => record !== undefined),
    ])
    const kept = (await archive.get(id))?.records ?? []
    const wanted = command.removes && index < 2 ? [0, 0] : [recordsOfTree]
    const counts = [stored.length, kept.length]
    const isRight = wanted.length === 2 ? counts.every((count) => count === 0) : counts.toSorted().join() === '0,4'
    if (!isRight) findings.push(`ACK server ${id} has ${counts[0]} records in the store and ${counts[1]} in the archive`)
  }
  const { code, stdout } = await world.run('db check')
  return code === 0 ? findings : [...findings, `REV ${stdout}`]
}

async function pointsOfAll(world: TortureState): Promise<Map<string, [Killed, Point]>> {
  const cases = new Map<string, [Killed, Point]>()
  for (const command of commands) {
    const ids = await given(world, command)
    const points = await pointsOf(world.state, (under) => world.run(command.line(ids), { under, env }))
    for (const point of points) cases.set(`${command.what} at ${point.call} ${point.nth}`, [command, point])
  }
  return cases
}

async function run(world: TortureState, [command, point]: [Killed, Point], trial: Trial): Promise<void> {
  const ids = await given(world, command)
  if (died(await world.run(command.line(ids), { under: injecting(point, 'signal=SIGKILL'), env }))) trial.fired()
  await succeed(world, command.again())
  trial.checked()
  trial.judge(['ACK', 'REV'], await judged(world, command, ids))
}

export const killArchive: Row = {
  id: 'R2b',
  title: 'kill -9 at every system call of an archive, a restore and a purge',
  runs: { t1: 3, t2: 'every', t3: 'every' },
  // Runs differ by a call or two.
  floor: { fired: 0.5, checked: 1 },
  async open() {
    const world = await tortureState()
    const cases = await pointsOfAll(world)
    return {
      cases: [...cases.keys()],
      async run(name, trial) {
        const found = cases.get(name)
        if (!found) throw new Error(`no case ${name}`)
        await run(world, found, trial)
      },
      close: async () => world.cleanup(),
    }
  },
}
