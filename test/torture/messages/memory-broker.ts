/**
 * A broker in memory for the bus of RabbitMQ: its queues, acknowledgements and redeliveries, with messages that meet their fates on the way.
 * What is lost was confirmed before, as by a broker that lost its disk.
 */
import type { ConfirmChannel, ConsumeMessage, Options } from 'amqplib'
import type { Connection, LinkOptions } from '../../../src/bus/rabbitmq-link.ts'
import { dead, everybody, requests } from '../../../src/bus/rabbitmq-queues.ts'
import { Fault } from '../../../src/core/fault.ts'
import type { Clock } from '../../../src/core/ports.ts'
import type { Fate } from './fates.ts'

/** A message as it is published; `deadlineMs` is how long it, or what it answers, is worth something. */
export interface Passing {
  readonly key: string
  readonly options: Options.Publish
  readonly deadlineMs: number
}

export interface MemoryBroker {
  /** For `openRabbitBus`; `name` is who connects. */
  connect(name: string): (options: LinkOptions) => Connection
  /** What is not acknowledged comes again, to somebody else; nothing of who it was is heard any more. */
  kill(name: string): void
  /** The same while it lives: it connects again. */
  cut(name: string): Promise<void>
  /** Answers that came to somebody. */
  answersTo(name: string): number
}

export interface MemoryBrokerOptions {
  readonly clock: Clock
  readonly fate: (message: Passing) => Fate
  /** Changes each copy but the first of a message: a broker that forges ids. */
  readonly forge?: (id: string, copy: number) => string
}

interface Stored {
  readonly content: Buffer
  readonly properties: ConsumeMessage['properties']
  readonly expires: number
}

interface Consumer {
  readonly session: Session
  readonly tag: string
  readonly noAck: boolean
  take(message: ConsumeMessage | null): void
}

interface Queue {
  readonly messages: Stored[]
  consumers: Consumer[]
  readonly owner: Session | undefined
  readonly isSingle: boolean
}

/** One connection until it breaks. */
interface Session {
  readonly name: string
  readonly unacked: Map<number, { readonly queue: Queue; readonly stored: Stored }>
}

const never = () => new Promise<never>(() => undefined)

export function memoryBroker({ clock, fate, forge = (id) => id }: MemoryBrokerOptions): MemoryBroker {
  const queues = new Map<string, Queue>()
  const deadlines = new Map<string, number>()
  const members = new Map<string, { kill(): void; renew(): Promise<void> }>()
  const answers = new Map<string, number>()
  let tags = 0

  function enqueue(name: string, stored: Stored): void {
    const queue = queues.get(name)
    if (!queue) return
    queue.messages.push(stored)
    pump(queue)
  }

  function pump(queue: Queue): void {
    while (queue.messages.length > 0 && queue.consumers.length > 0) {
      const [consumer] = queue.consumers
      const stored = queue.messages.shift()
      if (!stored || !consumer) return
      // Those of one topic take turns; of one host only the first gets any.
      if (!queue.isSingle) queue.consumers = [...queue.consumers.slice(1), consumer]
      if (stored.expires <= clock.monotonic()) continue
      tags += 1
      const { name } = consumer.session
      if (stored.properties.type === 'answer') answers.set(name, (answers.get(name) ?? 0) + 1)
      if (!consumer.noAck) consumer.session.unacked.set(tags, { queue, stored })
      consumer.take({ content: stored.content, properties: stored.properties, fields: { deliveryTag: tags } } as never)
    }
  }

  const routes = (exchange: string, key: string): string[] => {
    if (exchange === everybody) return [...queues].filter(([, { owner }]) => owner !== undefined).map(([name]) => name)
    return queues.has(key) ? [key] : []
  }

  function publish(exchange: string, key: string, content: Buffer, options: Options.Publish): void {
    const id = options.messageId ?? options.correlationId ?? ''
    const lifeMs = Number(options.expiration ?? Number.POSITIVE_INFINITY)
    if (exchange === requests) deadlines.set(id, lifeMs)
    const properties = { headers: {}, ...options } as unknown as ConsumeMessage['properties']
    const deadlineMs = deadlines.get(id) ?? 1000
    for (const [copy, ms] of fate({ key, options, deadlineMs }).entries()) {
      const arrive = () => {
        const named = options.messageId === undefined ? {} : { messageId: forge(id, copy) }
        const stored = { content, properties: { ...properties, ...named }, expires: clock.monotonic() + lifeMs }
        for (const name of routes(exchange, key)) enqueue(name, stored)
      }
      if (ms === 0) arrive()
      else void clock.sleep(ms).then(arrive)
    }
  }

  function end(session: Session): void {
    for (const [name, queue] of queues) {
      queue.consumers = queue.consumers.filter((consumer) => consumer.session !== session)
      if (queue.owner === session) queues.delete(name)
    }
    for (const { queue, stored } of [...session.unacked.values()].reverse()) queue.messages.unshift(stored)
    for (const queue of queues.values()) pump(queue)
  }

  function channelOf(session: Session): ConfirmChannel {
    const settle = (message: ConsumeMessage, requeued: boolean, aside = false) => {
      const found = session.unacked.get(message.fields.deliveryTag)
      session.unacked.delete(message.fields.deliveryTag)
      if (found && aside) enqueue(dead, found.stored)
      if (!found || !requeued) return
      found.queue.messages.unshift(found.stored)
      pump(found.queue)
    }
    const channel = {
      assertExchange: async () => undefined,
      bindQueue: async () => undefined,
      prefetch: async () => undefined,
      assertQueue: async (name: string, options: Options.AssertQueue = {}) => {
        const isSingle = options.arguments?.['x-single-active-consumer'] === true
        const owner = options.exclusive === true ? session : undefined
        if (!queues.has(name)) queues.set(name, { messages: [], consumers: [], owner, isSingle })
      },
      consume: async (name: string, take: Consumer['take'], options: Options.Consume = {}) => {
        const queue = queues.get(name)
        if (!queue) throw new Error(`no queue ${name}`)
        queue.consumers.push({ session, tag: options.consumerTag ?? '', noAck: options.noAck === true, take })
        pump(queue)
      },
      cancel: async (tag: string) => {
        for (const queue of queues.values())
          queue.consumers = queue.consumers.filter((one) => one.session !== session || one.tag !== tag)
      },
      ack: (message: ConsumeMessage) => settle(message, false),
      nack: (message: ConsumeMessage, _all: boolean, requeued: boolean) => settle(message, requeued),
      reject: (message: ConsumeMessage) => settle(message, false, true),
      close: async () => undefined,
    }
    return channel as unknown as ConfirmChannel
  }

  return {
    connect: (name) => (options) => {
      let session: Session = { name, unacked: new Map() }
      let channel: ConfirmChannel | undefined
      let isDead = false
      const open = async () => {
        session = { name, unacked: new Map() }
        channel = channelOf(session)
        await options.onUp(channel)
        options.onReady()
      }
      const shut = () => {
        channel = undefined
        end(session)
      }
      members.set(name, {
        kill: () => {
          isDead = true
          shut()
        },
        renew: async () => {
          shut()
          await open()
        },
      })
      return {
        // Not at once: who connects does not have this yet.
        first: Promise.resolve().then(open),
        get channel() {
          return channel
        },
        get isReady() {
          return channel !== undefined
        },
        async publish(exchange, key, content, published) {
          if (isDead) return never()
          if (!channel) throw new Fault('unreachable', 'the broker is away')
          if (published.mandatory && routes(exchange, key).length === 0) options.onReturn({ properties: published } as never)
          else publish(exchange, key, content, published)
        },
        aside: async () => {
          throw new Fault('unsupported', 'a broker in memory has no second channel')
        },
        close: async () => shut(),
      }
    },
    kill: (name) => members.get(name)?.kill(),
    cut: async (name) => members.get(name)?.renew(),
    answersTo: (name) => answers.get(name) ?? 0,
  }
}
