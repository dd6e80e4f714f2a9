import { asFault, Fault, type FaultRecord, faultFrom } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import type { Bus, Report, Serve } from './bus.ts'

type Envelope = { readonly result: unknown } | { readonly fault: FaultRecord }

/** Why a deadline is over; without a reason of its own a signal makes an error with a stack each time. */
const answered = 'answered'

/**
 * The in-process bus. Messages and answers are serialised exactly as a broker would carry them.
 * `resolve` may bring a topic's server into being on its first request.
 */
export function localBus(options: {
  readonly clock: Clock
  readonly resolve?: (topic: string) => Promise<Serve | undefined>
}): Bus {
  const served = new Map<string, Serve>()
  const counts = { repeated: 0, unreadable: 0, late: 0 }

  async function serverOf(topic: string): Promise<Serve> {
    const serve = served.get(topic) ?? (await options.resolve?.(topic))
    if (!serve) throw new Fault('unreachable', `nobody serves ${topic}`)
    served.set(topic, serve)
    return serve
  }

  async function answer(topic: string, wire: string, signal: AbortSignal, report: Report): Promise<string | Uint8Array> {
    let envelope: Envelope
    try {
      const serve = await serverOf(topic)
      const result = (await serve(JSON.parse(wire), signal, report)) ?? null
      if (result instanceof Uint8Array) return result
      envelope = { result }
    } catch (error) {
      envelope = { fault: asFault(error).toJSON() }
    }
    if (signal.aborted) counts.late += 1
    return JSON.stringify(envelope)
  }

  return {
    async request(topic, message, { deadlineMs, signal, onProgress }) {
      const over = new AbortController()
      const deadline = options.clock.deadline(deadlineMs, over.signal)
      // By hand: AbortSignal.any costs more than the rest of a short request.
      const end = new AbortController()
      const ends = end.signal
      let giveUp = () => {}
      const late = new Promise<never>((_, reject) => {
        giveUp = () => {
          reject(lateFault(topic, message.method, deadlineMs, signal))
          end.abort(signal?.aborted ? signal.reason : deadline.reason)
        }
      })
      if (signal?.aborted || deadline.aborted) giveUp()
      for (const each of [deadline, signal]) each?.addEventListener('abort', giveUp, { once: true })
      const report: Report = (value) => {
        if (!ends.aborted) onProgress?.(JSON.parse(JSON.stringify(value)))
      }
      // A signal that somebody listens to lives, with all that hangs on it, until its deadline.
      const forget = () => {
        for (const each of [deadline, signal]) each?.removeEventListener('abort', giveUp)
        over.abort(answered)
      }
      const wire = await Promise.race([answer(topic, JSON.stringify(message), ends, report), late]).finally(forget)
      if (typeof wire !== 'string') return wire
      const envelope = JSON.parse(wire) as Envelope
      if ('fault' in envelope) throw faultFrom(envelope.fault)
      return envelope.result
    },
    serve(topic, serve) {
      served.set(topic, serve)
      return () => {
        if (served.get(topic) === serve) served.delete(topic)
      }
    },
    counts,
    async close() {
      served.clear()
    },
  }
}

function lateFault(topic: string, method: string, deadlineMs: number, signal: AbortSignal | undefined): Fault {
  if (signal?.aborted) return new Fault('conflict', `${method} on ${topic} was given up`)
  return new Fault('timeout', `${method} on ${topic} did not answer within ${deadlineMs / 1000} s`)
}
