/**
 * The topics that this process serves. A message is acknowledged after its answer is with the broker, not before; one that
 * comes again joins the work under way or gets the answer that is remembered, instead of a second effect.
 */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib'
import { asFault, Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { Requeue, type Serve } from './bus.ts'
import { Remembered } from './rabbitmq-answers.ts'
import type { Connection } from './rabbitmq-link.ts'
import { makeQueue, prefetchOf } from './rabbitmq-queues.ts'
import { answered } from './rabbitmq-requests.ts'
import { type Answer, type AnswerBody, contentOf, encode, jsonType, readRequest, type WireRequest } from './rabbitmq-wire.ts'

interface Delivery {
  readonly channel: ConfirmChannel
  readonly message: ConsumeMessage
}

/** Work on one message, however often it was delivered. */
interface Job {
  readonly stop: AbortController
  replyTo: string | undefined
  readonly deliveries: Delivery[]
}

export interface ServedOptions {
  readonly link: () => Connection
  readonly clock: Clock
  readonly note: (message: string) => void
  /** The newest version of messages that is read. */
  readonly version: number
}

/** Milliseconds after which an operator is told of a queue that does not answer; the link begins anew a little later. */
const silentMs = 5000

export class Served {
  readonly #options: ServedOptions
  readonly #topics = new Map<string, Serve>()
  readonly #jobs = new Map<string, Job>()
  readonly #answers = new Remembered()
  /** Messages that came again, and that nobody could read. */
  readonly counts = { repeated: 0, unreadable: 0 }

  constructor(options: ServedOptions) {
    this.#options = options
  }

  /** Begins to serve; the promise resolves when the queue is there, or at the next connection. */
  add(topic: string, serve: Serve): () => void {
    this.#topics.set(topic, serve)
    const { channel } = this.#options.link()
    if (channel) void this.#consume(channel, topic).catch((error) => this.#options.note(`${topic}: ${asFault(error).message}`))
    return () => {
      if (this.#topics.get(topic) !== serve) return
      this.#topics.delete(topic)
      void this.#options
        .link()
        .channel?.cancel(topic)
        .catch(() => undefined)
    }
  }

  /** Takes the topics up on a new channel. */
  async resume(channel: ConfirmChannel): Promise<void> {
    const { clock, note } = this.#options
    for (const topic of this.#topics.keys()) {
      const over = new AbortController()
      const tell = () => note(`the queue ${topic} does not answer: the broker elects no leader for it`)
      clock.sleep(silentMs, over.signal).then(tell, () => undefined)
      await this.#consume(channel, topic).finally(() => over.abort())
    }
  }

  cancel(id: string): void {
    this.#jobs.get(id)?.stop.abort(new Fault('conflict', 'the caller gave it up'))
  }

  async #consume(channel: ConfirmChannel, topic: string): Promise<void> {
    await makeQueue(channel, topic)
    await channel.prefetch(prefetchOf(topic))
    const take = (message: ConsumeMessage | null) => {
      // The broker ended the consumer, for example because the queue was deleted: a new connection makes it again.
      if (message === null) return void channel.close().catch(() => undefined)
      void this.#take(topic, { channel, message })
    }
    await channel.consume(topic, take, { consumerTag: topic })
  }

  async #take(topic: string, delivery: Delivery): Promise<void> {
    const request = readRequest(delivery.message, this.#options.version)
    if (!request) {
      this.counts.unreadable += 1
      this.#options.note(`a message on ${topic} cannot be read and was put aside`)
      settle(delivery, (channel, message) => channel.reject(message, false))
      return
    }
    const { id, replyTo } = request
    const known = this.#answers.get(id)
    const running = this.#jobs.get(id)
    if (known !== undefined || running) this.counts.repeated += 1
    if (running) {
      running.replyTo = replyTo ?? running.replyTo
      running.deliveries.push(delivery)
      return
    }
    if (known !== undefined)
      return this.#answer(id, { content: known, contentType: jsonType }, { replyTo, deliveries: [delivery] })
    const job: Job = { stop: new AbortController(), replyTo, deliveries: [delivery] }
    this.#jobs.set(id, job)
    const answer = await this.#work(topic, request, job)
    this.#jobs.delete(id)
    if (answer === undefined) {
      for (const one of job.deliveries) settle(one, (channel, message) => channel.nack(message, false, true))
      return
    }
    const body = contentOf(answer)
    // Bytes are those of reads, which may be done twice.
    if (body.contentType === jsonType) this.#answers.put(id, body.content)
    await this.#answer(id, body, job)
  }

  async #work(
    topic: string,
    { id, message, deadlineMs, refusal, wantsProgress }: WireRequest,
    job: Job,
  ): Promise<Answer | undefined> {
    if (refusal) return { fault: refusal.toJSON() }
    const serve = this.#topics.get(topic)
    if (!serve) return undefined
    const over = new AbortController()
    const { signal } = job.stop
    // By hand: AbortSignal.any costs more than the rest of a short request.
    const deadline = this.#options.clock.deadline(deadlineMs, over.signal)
    deadline.addEventListener('abort', () => job.stop.abort(deadline.reason), { once: true })
    const report = (value: unknown) => {
      if (!wantsProgress || job.replyTo === undefined || signal.aborted) return
      // Reports are worth nothing later: a lost one is not sent again.
      this.#send(id, 'progress', { content: encode(value), contentType: jsonType }, job.replyTo).catch(() => undefined)
    }
    try {
      return { result: (await serve(message, signal, report)) ?? null }
    } catch (error) {
      return error instanceof Requeue ? undefined : { fault: asFault(error).toJSON() }
    } finally {
      over.abort(answered)
    }
  }

  async #answer(id: string, body: AnswerBody, { replyTo, deliveries }: Pick<Job, 'replyTo' | 'deliveries'>): Promise<void> {
    try {
      if (replyTo !== undefined) await this.#send(id, 'answer', body, replyTo)
    } catch {
      // It is delivered again and gets this answer; a broken connection has given it back already.
      for (const one of deliveries) settle(one, (channel, message) => channel.nack(message, false, true))
      return
    }
    for (const one of deliveries) settle(one, (channel, message) => channel.ack(message))
  }

  #send = (id: string, type: 'answer' | 'progress', { content, contentType }: AnswerBody, replyTo: string) =>
    this.#options.link().publish('', replyTo, content, { correlationId: id, type, contentType })
}

/** A channel that is gone has given its messages back by itself. */
function settle({ channel, message }: Delivery, how: (channel: ConfirmChannel, message: ConsumeMessage) => void): void {
  try {
    how(channel, message)
  } catch {
    // As above.
  }
}
