/** R2 and R3: `kill -9` of a real process at each system call that changes something, and of the process that recovers. */
import { fileURLToPath } from 'node:url'
import type { CliResult } from '../../support/cli.ts'
import { oneThread as env, injecting, type Point, pointsOf } from '../../support/system-calls.ts'
import { type TortureState, tortureState } from '../../support/torture-state.ts'
import type { Row, Scene, Trial } from '../runner/row.ts'

const held = ['ACK', 'REV', 'FLOW', 'RES', 'HOST', 'SEC'] as const
const died = ({ code, signal }: CliResult) => signal === 'SIGKILL' || code === 137
/** Any file will do as user data. */
const userData = fileURLToPath(import.meta.url)
/** Servers that stay behind make the directory slow. */
const mostServers = 5

type Spot = Omit<Point, 'path'>

interface Command {
  readonly what: string
  /** A new command line each time, with what it needs done before. */
  line(): Promise<string>
}

function commandsIn(world: TortureState): readonly Command[] {
  let serial = 0
  const boot = () => `boot k-${++serial} --flavor m1.tiny --user-data ${userData}`
  const booted = async () => {
    await succeed(world, boot())
    return `k-${serial}`
  }
  return [
    { what: 'boot', line: async () => boot() },
    { what: 'delete', line: async () => `delete ${await booted()}` },
    { what: 'suspend', line: async () => `suspend ${await booted()}` },
    { what: 'stop', line: async () => `stop ${await booted()}` },
  ]
}

async function succeed(world: TortureState, args: string): Promise<void> {
  const { code, stderr } = await world.run(args, { timeoutMs: 60_000 })
  if (code !== 0) throw new Error(`nova ${args} ended with ${code}: ${stderr}`)
}

/** Every call of every command, as one traced run of it made them. */
async function casesOf(world: TortureState, commands: readonly Command[]): Promise<Map<string, [Command, Point]>> {
  const cases = new Map<string, [Command, Point]>()
  for (const command of commands) {
    const sample = await command.line()
    const points = await pointsOf(world.state, (under) => world.run(sample, { under, env }))
    for (const point of points) cases.set(`${command.what} at ${point.call} ${point.nth}`, [command, point])
  }
  return cases
}

async function kill(world: TortureState, command: Command, spot: Spot, trial: Trial): Promise<void> {
  const line = await command.line()
  if (died(await world.run(line, { under: injecting(spot, 'signal=SIGKILL'), env }))) trial.fired()
}

/** The next command ends by itself, at once: the dead owner's lock is free. */
async function judge(world: TortureState, trial: Trial): Promise<void> {
  await succeed(world, 'operation resume')
  trial.checked()
  trial.judge(held, await world.findings())
  const servers = await world.liveServers()
  if (servers.length >= mostServers) await succeed(world, `delete ${servers.map(({ id }) => id).join(' ')} --yes`)
}

async function scene(run: (world: TortureState, command: Command, point: Point, trial: Trial) => Promise<void>): Promise<Scene> {
  const world = await tortureState({ host: 'host add h1 --driver fake' })
  const cases = await casesOf(world, commandsIn(world))
  return {
    cases: [...cases.keys()],
    async run(name, trial) {
      const found = cases.get(name)
      if (!found) throw new Error(`no case ${name}`)
      await run(world, ...found, trial)
      await judge(world, trial)
    },
    close: async () => world.cleanup(),
  }
}

export const killAtCalls: Row = {
  id: 'R2',
  title: 'kill -9 at every system call that changes something',
  runs: { t1: 12, t2: 'every', t3: 'every' },
  // Runs differ by a call or two: the last point of a trace is not always reached again.
  floor: { fired: 0.8, checked: 1 },
  open: () => scene(kill),
}

const depth = 3
const recoveringCalls = ['write', 'fdatasync', 'rename'] as const

export const killRecovery: Row = {
  id: 'R3',
  title: 'kill -9 of a process, then of those that recover its work, three deep',
  // A boot has few records: of three runs too many find nothing left to recover.
  runs: { t1: 6, t2: 60, t3: 1000 },
  floor: { fired: 1.5, checked: 1 },
  open: () =>
    scene(async (world, command, point, trial) => {
      await kill(world, command, point, trial)
      for (let round = 0; round < depth; round += 1) {
        const call = recoveringCalls[Math.floor(trial.random() * recoveringCalls.length)] ?? 'write'
        const spot = { call, nth: 1 + Math.floor(trial.random() * 3) }
        const under = injecting(spot, 'signal=SIGKILL')
        if (died(await world.run('operation resume', { under, env, timeoutMs: 60_000 }))) trial.fired()
      }
    }),
}
