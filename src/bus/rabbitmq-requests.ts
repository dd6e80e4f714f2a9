/** This process's requests that wait for their answers; sent again, under the same id, whenever the connection was made anew. */
import { asFault, Fault, faultFrom } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import type { BusMessage, RequestOptions } from './bus.ts'
import type { Connection } from './rabbitmq-link.ts'
import { everybody, isTransient, requests } from './rabbitmq-queues.ts'
import { encode, type WireNotice } from './rabbitmq-wire.ts'

interface Pending {
  readonly topic: string
  readonly content: Buffer
  readonly deadlineMs: number
  /** Monotonic. */
  readonly ends: number
  readonly onProgress: ((report: unknown) => void) | undefined
  readonly resolve: (result: unknown) => void
  readonly reject: (fault: Fault) => void
  /** The queue that the broker was told to answer to. */
  sentFor: string | undefined
}

export interface RequestsOptions {
  readonly link: () => Connection
  readonly clock: Clock
  readonly random: Random
  /** The queue of the present connection. */
  readonly replyTo: () => string
  /** The version of what is sent now. */
  readonly version: () => number
}

/** Requests of one process that may wait: beyond them callers are told at once, so that memory has an end. */
const mostPending = 10_000
const retryMs = 200
/** Why a deadline is over; without a reason of its own a signal makes an error with a stack each time. */
export const answered = 'answered'

export class Requests {
  readonly #pending = new Map<string, Pending>()
  readonly #options: RequestsOptions
  /** Answers that came when nobody waited any more. */
  late = 0

  constructor(options: RequestsOptions) {
    this.#options = options
  }

  async request(topic: string, message: BusMessage, { deadlineMs, signal, onProgress }: RequestOptions): Promise<unknown> {
    const { clock, random } = this.#options
    const what = `${message.method} on ${topic}`
    if (signal?.aborted) throw givenUp(what)
    if (this.#pending.size >= mostPending)
      throw new Fault('timeout', `${what}: ${mostPending} requests wait for the broker already`)
    const id = random.uuid()
    const ends = new AbortController()
    try {
      return await new Promise<unknown>((resolve, reject) => {
        const base = { topic, content: encode(message), deadlineMs, ends: clock.monotonic() + deadlineMs, onProgress }
        this.#pending.set(id, { ...base, resolve, reject, sentFor: undefined })
        const late = () => {
          this.#cancel(id)
          reject(signal?.aborted ? givenUp(what) : new Fault('timeout', `${what} did not answer within ${deadlineMs / 1000} s`))
        }
        signal?.addEventListener('abort', late, { once: true, signal: ends.signal })
        clock.deadline(deadlineMs, ends.signal).addEventListener('abort', late, { once: true })
        this.#send(id)
      })
    } finally {
      this.#pending.delete(id)
      ends.abort(answered)
    }
  }

  /** Sends what the broker does not have yet, or has with an address that is no more. */
  flush(): void {
    for (const id of this.#pending.keys()) this.#send(id)
  }

  take(notice: WireNotice): void {
    const pending = this.#pending.get(notice.id)
    if (!pending && notice.kind === 'answer') this.late += 1
    if (!pending) return
    if (notice.kind === 'progress') pending.onProgress?.(notice.body)
    if (notice.kind !== 'answer') return
    // A copy that comes in the same moment is too late already.
    this.#pending.delete(notice.id)
    if ('fault' in notice.body) pending.reject(faultFrom(notice.body.fault))
    else pending.resolve(notice.body.result)
  }

  /** No queue of that name is there. */
  returned(id: string): void {
    const pending = this.#pending.get(id)
    pending?.reject(new Fault('unreachable', `nobody serves ${pending.topic}`))
  }

  failAll(fault: Fault): void {
    for (const { reject } of this.#pending.values()) reject(fault)
  }

  #send(id: string): void {
    const { link, clock, replyTo, version } = this.#options
    const pending = this.#pending.get(id)
    if (!pending || !link().isReady || pending.sentFor === replyTo()) return
    const sentFor = replyTo()
    pending.sentFor = sentFor
    const left = Math.max(1, Math.ceil(pending.ends - clock.monotonic()))
    link()
      .publish(requests, pending.topic, pending.content, {
        ...{
          messageId: id,
          replyTo: sentFor,
          persistent: !isTransient(pending.topic),
          mandatory: true,
          expiration: String(left),
        },
        headers: { version: version(), 'deadline-ms': left, ...(pending.onProgress ? {} : { quiet: true }) },
      })
      .catch(async () => {
        // Refused by a broker that is there: once more, a little later. A lost connection sends everything again.
        await clock.sleep(retryMs)
        if (pending.sentFor === sentFor) pending.sentFor = undefined
        this.#send(id)
      })
  }

  /** Tells whoever works on it that nobody waits any more. */
  #cancel(id: string): void {
    const { link } = this.#options
    if (this.#pending.get(id)?.sentFor === undefined || !link().isReady) return
    link()
      .publish(everybody, '', encode(null), { correlationId: id, type: 'cancel' })
      .catch((error: unknown) => asFault(error))
  }
}

const givenUp = (what: string) => new Fault('conflict', `${what} was given up`)
