/** R12: many processes on one state directory, of which some are killed, and readers all the time. */
import { setInterval as ticks } from 'node:timers/promises'
import type { RunningCli } from '../../support/cli.ts'
import { tortureState } from '../../support/torture-state.ts'
import { crowd, crowdFindings } from '../crowd.ts'
import type { Row, Trial } from '../runner/row.ts'
import { watchState } from '../watchful-reader.ts'

const killEveryMs = 200
/** Clients, and how many run at the same time; every third process of a deadly one is in danger. */
const crowds = new Map([
  ['50 at once', { clients: 50, atOnce: 50, isDeadly: false }],
  ['60, 24 at once, of which one dies every 200 ms', { clients: 60, atOnce: 24, isDeadly: true }],
  ['200, 32 at once, of which one dies every 200 ms', { clients: 200, atOnce: 32, isDeadly: true }],
])

/** Kills one of the processes that run, again and again. */
function killer(random: () => number) {
  const running = new Set<RunningCli>()
  const stopped = new AbortController()
  const loop = async () => {
    for await (const _ of ticks(killEveryMs, undefined, { signal: stopped.signal }))
      [...running][Math.floor(random() * running.size)]?.kill()
  }
  const done = loop().catch(() => undefined)
  return {
    watch(process: RunningCli) {
      running.add(process)
      void process.ended.finally(() => running.delete(process)).catch(() => undefined)
    },
    async stop() {
      stopped.abort()
      await done
    },
  }
}

async function experiment(name: string, trial: Trial): Promise<void> {
  const plan = crowds.get(name)
  if (!plan) throw new Error(`no case ${name}`)
  const world = await tortureState()
  const watches = [watchState(world.state), watchState(world.state)]
  const death = killer(trial.random)
  const ends: Promise<unknown>[] = []
  try {
    const result = await crowd(world, plan, (process) => {
      ends.push(process.ended)
      if (plan.isDeadly && ends.length % 3 === 0) death.watch(process)
    })
    await death.stop()
    const seen = await Promise.all(watches.map((watch) => watch.stop()))
    const { code, stderr } = await world.run('operation resume')
    trial.fired(plan.isDeadly ? result.killed : plan.atOnce)
    trial.checked(result.acknowledged)
    // Only what a killed command or the crowd explains: busy, never made, or too long a queue for the lock.
    const odd = result.failures.filter((line) => !plan.isDeadly || !/^[378]:/.test(line))
    trial.judge(
      ['ACK', 'CAS', 'REV', 'RES', 'FLOW', 'HOST', 'ONE'],
      [
        ...(await crowdFindings(world, result)),
        ...seen.flatMap((watch) => watch.findings),
        ...odd.map((line) => `SAFE ${line}`),
        ...(code === 0 ? [] : [`FLOW operation resume ended with ${code}: ${stderr}`]),
      ],
    )
  } finally {
    await death.stop()
    // After a failure there are still others at work in the directory.
    await Promise.allSettled(ends)
    world.cleanup()
  }
}

export const crowdsRow: Row = {
  id: 'R12',
  title: 'many processes on one state directory, some of them killed',
  runs: { t1: 1, t2: 'every', t3: 30 },
  floor: { fired: 10, checked: 60 },
  open: async () => ({ cases: [...crowds.keys()], run: experiment, close: async () => undefined }),
}
