/**
 * Somebody on the way between a real RabbitMQ and those that it serves: takes requests before their queues and answers before who waits,
 * and passes them on as their fates say, with their ids, deadlines and all.
 */
import { type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib'
import { openRabbitBus, type RabbitBus } from '../../../src/bus/rabbitmq.ts'
import { type Connection, Link, type LinkOptions } from '../../../src/bus/rabbitmq-link.ts'
import { requests } from '../../../src/bus/rabbitmq-queues.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { systemRandom as random } from '../../../src/system/random.ts'
import { eventually } from '../../support/eventually.ts'
import type { Broker } from './broker-cloud.ts'
import type { Fate } from './fates.ts'

export interface FaultyRabbit extends Broker {
  /** Nothing is under way. */
  isQuiet(): boolean
  /** Leaves the broker as it was. */
  close(): Promise<void>
}

/** `fate` of a message whose answer is worth something for so long. */
export async function faultyRabbit(url: string, fate: (deadlineMs: number) => Fate): Promise<FaultyRabbit> {
  const address = new URL(url)
  address.password = 'guest'
  const connection = await connect(address.href)
  const channel = await connection.createConfirmChannel()
  const ways = await waysOf(channel, fate)
  const buses = new Map<string, { readonly bus: RabbitBus; readonly process: string }>()
  return {
    async open(name, options = {}) {
      const process = random.uuid()
      // The first is the process's own: answers go to a queue that bears it.
      const ids = [process]
      const uuid = () => ids.pop() ?? random.uuid()
      const bus = await openRabbitBus({ url, clock, fs, random: { ...random, uuid }, connect: by(ways.lay), ...options })
      buses.set(name, { bus, process })
      return bus
    },
    async kill(name) {
      await buses.get(name)?.bus.close()
      buses.delete(name)
    },
    cut: undefined,
    async served(topic, consumers) {
      const [any] = buses.values()
      const isThere = async () => {
        const [found] = (await any?.bus.queues.list([topic])) ?? []
        return found?.name === topic && found.consumers === consumers
      }
      await eventually(`${consumers} serve ${topic}`, isThere)
    },
    answersTo: (name) => ways.answersTo(buses.get(name)?.process ?? ''),
    isQuiet: () => ways.passing() === 0,
    async close() {
      await ways.remove()
      await connection.close()
    },
  }
}

/** A connection on which who serves a topic lays our way to it instead of the direct one. */
const by =
  (lay: (topic: string) => Promise<void>) =>
  (options: LinkOptions): Connection => {
    const ours = (channel: ConfirmChannel) =>
      new Proxy(channel, {
        get: (target, name) => {
          const value: unknown = Reflect.get(target, name)
          if (typeof value !== 'function') return value
          if (name !== 'bindQueue') return value.bind(target)
          return (queue: string, exchange: string, key: string, args?: unknown) =>
            exchange === requests && queue === key && !queue.startsWith('notifications.')
              ? lay(queue)
              : target.bindQueue(queue, exchange, key, args)
        },
      })
    const link = new Link({ ...options, onUp: (channel) => options.onUp(ours(channel)) })
    return {
      first: link.first,
      get channel() {
        return link.channel && ours(link.channel)
      },
      get isReady() {
        return link.isReady
      },
      publish: (...args) => link.publish(...args),
      aside: (work) => link.aside(work),
      close: () => link.close(),
    }
  }

async function waysOf(channel: ConfirmChannel, fate: (deadlineMs: number) => Fate) {
  const made = new Map<string, Promise<string>>()
  const topics = new Set<string>()
  const deadlines = new Map<string, number>()
  const answers = new Map<string, number>()
  let passing = 0

  /** A queue before another one. */
  function before(queue: string): Promise<string> {
    const way = made.get(queue) ?? make(queue)
    made.set(queue, way)
    return way
  }
  async function make(queue: string): Promise<string> {
    const way = `way.${queue}`
    await channel.assertQueue(way, { durable: false })
    await channel.consume(way, (message) => message && void pass(queue, message), { noAck: true })
    return way
  }

  async function pass(queue: string, message: ConsumeMessage): Promise<void> {
    const { messageId, correlationId, replyTo, type, headers = {}, expiration, deliveryMode } = message.properties
    passing += 1
    const own = typeof replyTo === 'string' ? { replyTo: await before(replyTo) } : {}
    if (messageId !== undefined) deadlines.set(String(messageId), Number(headers['deadline-ms']))
    const deadlineMs = deadlines.get(String(messageId ?? correlationId)) ?? 1000
    const properties = { messageId, correlationId, type, headers, expiration, persistent: deliveryMode === 2, ...own }
    const arrive = async (ms: number) => {
      if (ms > 0) await clock.sleep(ms)
      if (type === 'answer') answers.set(queue, (answers.get(queue) ?? 0) + 1)
      await new Promise((resolve) => channel.publish('', queue, message.content, properties, resolve))
    }
    await Promise.all(fate(deadlineMs).map(arrive))
    passing -= 1
  }

  return {
    /** Each connection of a process has a queue of its own. */
    answersTo(process: string) {
      const own = [...answers].filter(([queue]) => queue.startsWith(`reply.${process}.`))
      return own.length > 1 ? undefined : (own[0]?.[1] ?? 0)
    },
    passing: () => passing,
    /** Requests of a topic go this way. */
    async lay(topic: string) {
      topics.add(topic)
      await channel.bindQueue(await before(topic), requests, topic)
    },
    async remove() {
      for (const way of made.values()) await channel.deleteQueue(await way)
      for (const topic of topics) await channel.deleteQueue(topic)
    },
  }
}
