/** Who asked what, how often it was worked, and what came back: every request carries a number of its own that nobody else looks at. */
import type { Bus, BusMessage, Serve } from '../../../src/bus/bus.ts'
import { asFault } from '../../../src/core/fault.ts'

export interface Effects {
  /** The bus of who asks, by name. */
  asking(name: string, bus: Bus): Bus
  /** Who works; `worker` names one process from its start to its end. */
  working(worker: string, serve: Serve): Serve
  /** Requests that were answered, well or with a fault of who worked them. */
  answeredTo(name: string): number
  /** How often a process worked anything. */
  by(worker: string): number
  /** A request has one effect by one process: one that died may have left its own to a second one. */
  findings(): string[]
}

/** What the bus itself says to who asked; what a conductor was told in the same way of a host comes back as an answer. */
const isUnanswered = (topic: string, { method }: BusMessage, { message }: Error) =>
  message.startsWith(`${method} on ${topic} `) || message === `nobody serves ${topic}` || message === 'the bus was closed'

const numberOf = ({ args }: BusMessage): unknown => Reflect.get(Object(args), 'request')

export function effectsLog(): Effects {
  const worked = new Map<string, number>()
  const byWorker = new Map<string, number>()
  const answered = new Map<string, number>()
  const note = (name: string) => void answered.set(name, (answered.get(name) ?? 0) + 1)
  let requests = 0
  return {
    asking: (name, bus) => ({
      ...bus,
      counts: bus.counts,
      async request(topic, message, options) {
        requests += 1
        const args = { ...Object(message.args), request: requests }
        try {
          const answer = await bus.request(topic, { ...message, args }, options)
          note(name)
          return answer
        } catch (error) {
          if (!isUnanswered(topic, message, asFault(error))) note(name)
          throw error
        }
      },
    }),
    working: (worker, serve) => (message, signal, report) => {
      const effect = `${worker} worked request ${numberOf(message)} (${message.method})`
      worked.set(effect, (worked.get(effect) ?? 0) + 1)
      byWorker.set(worker, (byWorker.get(worker) ?? 0) + 1)
      return serve(message, signal, report)
    },
    answeredTo: (name) => answered.get(name) ?? 0,
    by: (worker) => byWorker.get(worker) ?? 0,
    findings: () => [...worked].filter(([, times]) => times > 1).map(([effect, times]) => `IDEM ${effect} ${times} times`),
  }
}
