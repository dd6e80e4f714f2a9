/** One connection to the broker with one channel, made again whenever it breaks. */
import type { Writable } from 'node:stream'
import type { ChannelModel, ConfirmChannel, Message, Options } from 'amqplib'
import { asFault, Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { gathering } from '../gathering.ts'
import { type BrokerLogin, connectOptions } from './rabbitmq-address.ts'

export interface LinkOptions {
  readonly login: BrokerLogin
  readonly clock: Clock
  /** Makes queues and consumers on a new channel, before anything is sent. */
  readonly onUp: (channel: ConfirmChannel) => Promise<void>
  /** The broker takes messages (again). */
  readonly onReady: () => void
  /** A message that no queue wanted. */
  readonly onReturn: (message: Message) => void
  readonly note: (message: string) => void
}

/** What the bus needs of its connection. */
export type Connection = Pick<Link, 'first' | 'channel' | 'isReady' | 'publish' | 'aside' | 'close'>

const heartbeatSeconds = 5
const closeMs = 2000
const setUpMs = 15_000
/** Milliseconds between two tries: twice as long each time, so that a broker that restarts is found in seconds. */
const firstPauseMs = 50
const longestPauseMs = 2000

/** Keeps the connection; `channel` is undefined while there is none. */
export class Link {
  readonly #options: LinkOptions
  #model: ChannelModel | undefined
  #channel: ConfirmChannel | undefined
  #isBlocked = false
  #isClosed = false
  readonly #ends = new AbortController()
  readonly first: Promise<void>

  constructor(options: LinkOptions) {
    this.#options = options
    this.first = this.#connect()
    this.first.catch(() => void this.#again())
  }

  get channel(): ConfirmChannel | undefined {
    return this.#channel
  }

  /** True when messages are taken: connected, and no alarm of the broker's memory or disk. */
  get isReady(): boolean {
    return this.#channel !== undefined && !this.#isBlocked
  }

  /** Resolves when the broker has the message; a fault when the connection breaks first or the broker refuses. */
  async publish(exchange: string, key: string, content: Buffer, options: Options.Publish): Promise<void> {
    const channel = this.#channel
    if (!channel) throw this.#away()
    await new Promise<void>((resolve, reject) => {
      try {
        channel.publish(exchange, key, content, options, (error: unknown) => (error ? reject(asFault(error)) : resolve()))
      } catch (error) {
        reject(asFault(error))
      }
    })
  }

  /** Works with a channel of its own, for questions whose failure closes the channel. */
  async aside<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const model = this.#model
    if (!model) throw this.#away()
    const channel = await model.createConfirmChannel()
    channel.on('error', () => undefined)
    try {
      return await work(channel)
    } finally {
      await channel.close().catch(() => undefined)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#ends.abort()
    await this.first.catch(() => undefined)
    // A broker that does not answer any more is not waited for.
    const over = new AbortController()
    const late = this.#options.clock.sleep(closeMs, over.signal).catch(() => undefined)
    await Promise.race([this.#model?.close().catch(() => undefined), late])
    over.abort()
    this.#lost()
  }

  #away(): Fault {
    return new Fault('unreachable', `the broker ${this.#options.login.address.place} is away`)
  }

  async #connect(): Promise<void> {
    const { login, onUp, onReady, onReturn } = this.#options
    const { connect } = await import('amqplib')
    const { url, socket } = connectOptions(login, heartbeatSeconds)
    const model = await connect(url, socket).catch((error: unknown) => {
      throw new Fault('unreachable', `the broker ${login.address.place}: ${asFault(error).message || 'no connection'}`)
    })
    let isOver = false
    let isUp = false
    // The library writes each message by itself.
    const stream: unknown = Reflect.get(model.connection, 'stream')
    if (isWritable(stream)) gathering(stream)
    model.on('error', () => undefined)
    model.on('close', () => {
      isOver = true
      if (isUp) this.#lost(model)
    })
    model.on('blocked', (reason) => {
      this.#isBlocked = true
      this.#options.note(`the broker takes no messages: ${reason}`)
    })
    model.on('unblocked', () => {
      this.#isBlocked = false
      onReady()
    })
    try {
      const channel = await this.#within(setUpMs, model.createConfirmChannel())
      // Whatever closes the channel ends its consumers: begin anew.
      channel.on('error', (error) => this.#options.note(`the broker closed the channel: ${error.message}`))
      channel.on('close', () => void model.close().catch(() => undefined))
      channel.on('return', onReturn)
      // Messages may come, and want answers, before all consumers are made.
      this.#model = model
      this.#channel = channel
      this.#isBlocked = true
      await this.#within(setUpMs, onUp(channel))
      if (this.#isClosed || isOver) throw this.#away()
      isUp = true
      this.#isBlocked = false
    } catch (error) {
      if (this.#model === model) this.#model = this.#channel = undefined
      // Its end is not waited for: a connection that broke half-way may never say that it is closed.
      void model.close().catch(() => undefined)
      throw error
    }
    onReady()
  }

  /** A queue whose broker has just begun may never answer: then everything is tried again. */
  async #within<T>(ms: number, work: Promise<T>): Promise<T> {
    const over = new AbortController()
    const late = this.#options.clock.sleep(ms, over.signal).then(() => Promise.reject(this.#away()))
    return await Promise.race([work, late]).finally(() => over.abort())
  }

  /** Forgets the connection and looks for another one. */
  #lost(model: ChannelModel | undefined = this.#model): void {
    if (model === undefined || this.#model !== model) return
    this.#model = undefined
    this.#channel = undefined
    if (this.#isClosed) return
    this.#options.note(`the connection to ${this.#options.login.address.place} broke`)
    void this.#again()
  }

  async #again(): Promise<void> {
    const { clock, note, login } = this.#options
    for (let pauseMs = firstPauseMs; !this.#isClosed; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      try {
        await clock.sleep(pauseMs, this.#ends.signal)
        await this.#connect()
        note(`connected to ${login.address.place} again`)
        return
      } catch {
        // The next try says it too.
      }
    }
  }
}

const isWritable = (stream: unknown): stream is Writable => typeof Reflect.get(Object(stream), 'cork') === 'function'
