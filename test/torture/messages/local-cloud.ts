/** The cloud of one process: calls go over the bus inside it, and meet their fates between it and the agents. */
import type { Serve } from '../../../src/bus/bus.ts'
import { localBus } from '../../../src/bus/local.ts'
import { aCloud } from '../../support/a-cloud.ts'
import type { MessageCloud, World } from './message-cloud.ts'
import { hostNames } from './message-cloud.ts'

const never = () => new Promise<never>(() => undefined)

interface FaultyOptions extends Pick<World, 'clock' | 'fates' | 'deadlineMs'> {
  /** False works every copy of a message: a bus that does not recognise them. */
  readonly knowsCopies: boolean
  readonly late: () => void
}

/** Whoever serves, behind messages and answers that are lost, doubled, late and reordered. */
export function faultyServe(serve: Serve, { clock, fates, deadlineMs, knowsCopies, late }: FaultyOptions): Serve {
  return async (message, signal, report) => {
    let work: Promise<unknown> | undefined
    const arrive = async (ms: number) => {
      if (ms > 0) await clock.sleep(ms)
      work = work && knowsCopies ? work : serve(message, signal, report)
      return work
    }
    const answer = async (ms: number): Promise<unknown> => {
      const outcome = await arrive(ms).then(
        (result) => () => result,
        (error: unknown) => () => {
          throw error
        },
      )
      const [delay] = fates.of(deadlineMs)
      if (delay === undefined) return never()
      if (delay > 0) await clock.sleep(delay)
      return outcome()
    }
    const answers = fates.of(deadlineMs).map(answer)
    if (answers.length === 0) return never()
    return Promise.race(answers).finally(() => signal.aborted && late())
  }
}

export interface LocalOptions extends World {
  readonly knowsCopies?: boolean
}

export async function localCloud({
  clock,
  fates,
  effects,
  deadlineMs,
  random,
  around,
  knowsCopies = true,
}: LocalOptions): Promise<MessageCloud> {
  let lateOnes = 0
  const late = () => {
    lateOnes += 1
  }
  const buses: ReturnType<typeof localBus>[] = []
  const cloud = await aCloud(hostNames, {
    ...{ clock, random, deadlineMs, around },
    busOf: (pid, agentOf) => {
      const resolve = async (topic: string) => {
        const agent = await agentOf(topic)
        return (
          agent &&
          faultyServe(effects.working(`process ${pid} for ${topic}`, agent), { clock, fates, deadlineMs, knowsCopies, late })
        )
      }
      const bus = localBus({ clock, resolve })
      buses.push(bus)
      return effects.asking(`process ${pid}`, bus)
    },
  })
  let pids = 100
  const next = () => {
    pids += 1
    return cloud.process(pids)
  }
  return {
    cloud,
    caller: next,
    disturb: async () => undefined,
    heal: async () => fates.heal(),
    recoverer: async () => next(),
    late: () => ({ counted: buses.reduce((sum, { counts }) => sum + counts.late, 0), expected: lateOnes }),
    isQuiet: () => false,
    findings: () => [],
    close: async () => undefined,
  }
}
