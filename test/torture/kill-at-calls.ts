/** `kill -9` at system calls of a command, then one more command that must put everything right. */
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import type { CliResult } from '../support/cli.ts'
import { oneThread as env, injecting, type Point, pointsOf, sampled } from '../support/system-calls.ts'
import type { TortureState } from '../support/torture-state.ts'

export interface KillRun {
  readonly points: number
  /** How many commands really died. */
  readonly killed: number
  /** How many recovering commands died as well. */
  readonly killedAgain: number
}

export interface KillPlan {
  /** How many of the calls, evenly spread; all by default. */
  readonly count?: number
  /** Puts things right; returns how many processes died while they did. */
  readonly recover?: (world: TortureState) => Promise<number>
  /** Which calls; all by default. */
  readonly only?: (point: Point) => boolean
}

const died = ({ code, signal }: CliResult) => signal === 'SIGKILL' || code === 137
let serial = 0
const nextName = () => `k-${++serial}`
/** Any file will do as user data. */
const userData = fileURLToPath(import.meta.url)
const newBoot = () => `boot ${nextName()} --flavor m1.tiny --user-data ${userData}`

/** Boots with user data. */
export const killBoots = (world: TortureState, plan: KillPlan) => killAt(world, async () => newBoot(), plan)

/** Deletes of servers that run. */
export const killDeletes = (world: TortureState, plan: KillPlan) =>
  killAt(
    world,
    async () => {
      await succeed(world, newBoot())
      return `delete k-${serial}`
    },
    plan,
  )

async function killAt(world: TortureState, command: () => Promise<string>, plan: KillPlan): Promise<KillRun> {
  const { count = Number.POSITIVE_INFINITY, recover = resume, only = () => true } = plan
  const sample = await command()
  const all = await pointsOf(world.state, (under) => world.run(sample, { under, env }))
  const points = sampled(all.filter(only), count)
  const run = { points: points.length, killed: 0, killedAgain: 0 }
  for (const point of points) {
    const args = await command()
    if (died(await world.run(args, { under: injecting(point, 'signal=SIGKILL'), env }))) run.killed += 1
    run.killedAgain += await recover(world)
    expect(await world.findings(), `${args} killed at ${point.call} ${point.nth} on ${point.path}`).toEqual([])
    await forgetServers(world)
  }
  return run
}

/** The next command ends by itself, at once: the dead owner's lock is free. */
export async function resume(world: TortureState): Promise<number> {
  await succeed(world, 'operation resume')
  return 0
}

/** Any write adopts what was left behind before it does its own work. */
export async function anotherBoot(world: TortureState): Promise<number> {
  await succeed(world, `boot ${nextName()} --flavor m1.tiny`)
  return 0
}

/** Kills the recovering process at one of its own calls as well, `depth` times, before it may finish. */
export const killedRecovery = (depth: number, pick: (round: number) => Omit<Point, 'path'>) => async (world: TortureState) => {
  let killed = 0
  for (let round = 0; round < depth; round += 1) {
    const under = injecting(pick(round), 'signal=SIGKILL')
    if (died(await world.run('operation resume', { under, env, timeoutMs: 30_000 }))) killed += 1
  }
  await resume(world)
  return killed
}

async function succeed(world: TortureState, args: string): Promise<void> {
  const { code, stderr } = await world.run(args, { timeoutMs: 20_000 })
  expect(code, `nova ${args}: ${stderr}`).toBe(0)
}

/** Keeps the directory small. */
async function forgetServers(world: TortureState): Promise<void> {
  const servers = await world.liveServers()
  if (servers.length >= 5) await succeed(world, `delete ${servers.map((server) => server.id).join(' ')} --yes`)
}
