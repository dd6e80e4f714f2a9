/** R15: messages are lost, doubled, late, reordered, delivered after a restart and to an older version, while a cloud works. */
import { openRabbitBus } from '../../../src/bus/rabbitmq.ts'
import type { ScriptedHost } from '../../../src/hosts/scripted.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { type RabbitMq, rabbitObstacle, startRabbitMq } from '../../support/rabbitmq.ts'
import { virtualClock } from '../../support/virtual-clock.ts'
import { type Broker, brokerCloud } from '../messages/broker-cloud.ts'
import { effectsLog } from '../messages/effects.ts'
import { experiment } from '../messages/experiment.ts'
import { fatesOf, type Misfortune, misfortunes } from '../messages/fates.ts'
import { faultyRabbit } from '../messages/faulty-rabbitmq.ts'
import { localCloud } from '../messages/local-cloud.ts'
import { memoryBroker } from '../messages/memory-broker.ts'
import type { MessageCloud, World } from '../messages/message-cloud.ts'
import type { Row, Trial } from '../runner/row.ts'
import { countingRandom } from '../small-cloud.ts'

const minuteMs = 60_000
const longestMs = 120 * minuteMs
/** A message about longer work is not late for longer. */
const latestMs = 10 * minuteMs

export interface Variation {
  /** What happens to messages; chosen by the seed when left out. */
  readonly only?: readonly Misfortune[] | undefined
  /** Copies of a message are worked as if they were others: a bug that the row must find. */
  readonly copiesAreUnknown?: boolean
}

function worldOf<C extends World['clock']>(trial: Trial, clock: C, only?: Variation['only']): World & { readonly clock: C } {
  const fates = fatesOf({ random: trial.random, behindMs: 500, only })
  const pause = () => clock.sleep(1 + trial.random() * 20)
  const around = (host: ScriptedHost): ScriptedHost => ({
    ...host,
    readFile: (...args) => pause().then(() => host.readFile(...args)),
    writeFile: (...args) => pause().then(() => host.writeFile(...args)),
    mkdir: (...args) => pause().then(() => host.mkdir(...args)),
    remove: (...args) => pause().then(() => host.remove(...args)),
  })
  // What another run left undone must not be in the way.
  const random = countingRandom(trial.seed * 1_000_000)
  return { clock, fates, effects: effectsLog(), deadlineMs: minuteMs, random, around }
}

/** The bus inside a process. */
export async function inOneProcess(trial: Trial, { only, copiesAreUnknown = false }: Variation = {}): Promise<void> {
  const world = worldOf(trial, virtualClock(), only)
  const make = () => localCloud({ ...world, knowsCopies: !copiesAreUnknown })
  await experiment({ ...world, make, trial, longestMs, passed: world.clock.pass })
}

/** The bus of RabbitMQ over a broker in memory. */
export async function overMemory(trial: Trial, { only, copiesAreUnknown = false }: Variation = {}): Promise<void> {
  const world = worldOf(trial, virtualClock(), only)
  const { clock, fates, random } = world
  const forge = copiesAreUnknown ? (id: string, copy: number) => `${id}${copy === 0 ? '' : `-${copy}`}` : undefined
  const fate = ({ deadlineMs }: { readonly deadlineMs: number }) => fates.of(Math.min(deadlineMs, latestMs))
  const memory = memoryBroker({ clock, fate, ...(forge ? { forge } : {}) })
  const broker: Broker = {
    open: (name, options) =>
      openRabbitBus({ url: 'amqp://127.0.0.1', clock, random, fs, connect: memory.connect(name), ...options }),
    kill: async (name) => memory.kill(name),
    cut: memory.cut,
    served: async () => undefined,
    answersTo: memory.answersTo,
  }
  const make = () => brokerCloud({ ...world, broker, speaksNewest: trial.random() < 0.5 })
  await experiment({ ...world, make, trial, longestMs, passed: clock.pass })
}

/** Milliseconds of a real broker: calls, messages about longer work, and everything. */
const [callMs, realLatestMs, realLongestMs] = [1500, 2000, 120_000]
/** What waits for time waits so much less. */
const haste = 10
const hastened: World['clock'] = {
  wall: () => clock.wall(),
  monotonic: () => clock.monotonic() * haste,
  sleep: (ms, signal) => clock.sleep(ms / haste, signal),
  deadline: (ms, over) => clock.deadline(ms / haste, over),
  advance: () => undefined,
}

async function passedReally(isOver: () => boolean, limitMs: number): Promise<boolean> {
  for (const end = clock.monotonic() + limitMs; !isOver(); await clock.sleep(10)) if (clock.monotonic() > end) return false
  return true
}

/** The bus of RabbitMQ over a real one. */
async function overRabbitMq(url: string, trial: Trial): Promise<void> {
  const world = { ...worldOf(trial, hastened), deadlineMs: callMs }
  const broker = await faultyRabbit(url, (deadlineMs) => world.fates.of(Math.min(deadlineMs, realLatestMs)))
  let made: MessageCloud | undefined
  const make = async () => {
    made = await brokerCloud({ ...world, broker, speaksNewest: trial.random() < 0.5 })
    return made
  }
  try {
    await experiment({ ...world, make, trial, longestMs: realLongestMs, passed: passedReally })
  } finally {
    await made?.close()
    await broker.close()
  }
}

export const faultyMessages: Row = {
  id: 'R15',
  title: 'messages are lost, doubled, late, reordered, delivered after a restart and to an older version',
  runs: { t1: 40, t2: 400, t3: 5000 },
  floor: { fired: 3, checked: 1 },
  marks: [
    ...misfortunes,
    'late answer',
    'a worker dies',
    'an older worker takes over',
    'a conductor dies',
    'a connection breaks',
  ],
  async open() {
    let broker: RabbitMq | undefined
    const overReal = async (trial: Trial) => {
      broker ??= await startRabbitMq()
      await overRabbitMq(broker.url, trial)
    }
    const cases = new Map<string, (trial: Trial) => Promise<void>>()
    for (const only of [undefined, ...misfortunes.map((kind) => [kind])]) {
      const what = `messages are ${only ?? 'what the seed says'}`
      cases.set(`in one process: ${what}`, (trial) => inOneProcess(trial, { only }))
      cases.set(`by a broker in memory: ${what}`, (trial) => overMemory(trial, { only }))
    }
    if (!rabbitObstacle()) cases.set('over RabbitMQ', overReal)
    return {
      cases: [...cases.keys()],
      run: async (name, trial) => cases.get(name)?.(trial),
      close: async () => broker?.close(),
    }
  },
}
