/** The bus over RabbitMQ: requests survive the broker and the death of who works on them, and have one effect. */
import { Fault } from '../core/fault.ts'
import type { Clock, Fs, Random } from '../core/ports.ts'
import type { Secret } from '../core/secret.ts'
import type { Bus, Queues } from './bus.ts'
import { parseBrokerUrl } from './rabbitmq-address.ts'
import { brokerQueues } from './rabbitmq-admin.ts'
import { type Connection, Link, type LinkOptions } from './rabbitmq-link.ts'
import { makeExchanges, makeNotificationQueues, makeOwnQueue, requests } from './rabbitmq-queues.ts'
import { Requests } from './rabbitmq-requests.ts'
import { Served } from './rabbitmq-served.ts'
import { encode, oldestRead, readNotice, wireVersion } from './rabbitmq-wire.ts'

export interface RabbitOptions {
  /** `amqps://USER@HOST:PORT/VHOST`, without a password. */
  readonly url: string
  readonly password?: Secret | undefined
  readonly clock: Clock
  readonly random: Random
  readonly fs: Pick<Fs, 'readFile'>
  /** Takes what an operator should read: broken connections, messages that were put aside. */
  readonly note?: (message: string) => void
  /** The newest version of messages that it reads; tests put an older bus beside a newer one. */
  readonly version?: number
  /** Makes the connection; tests put a broker in memory there. */
  readonly connect?: (options: LinkOptions) => Connection
}

export interface RabbitBus extends Bus {
  readonly queues: Queues
  readonly isReady: boolean
}

/** Connects to the broker. Faults: `unreachable` when it does not answer, `invalid` for the URL. */
export async function openRabbitBus(options: RabbitOptions): Promise<RabbitBus> {
  const { clock, random, fs, password, note = () => undefined, version = wireVersion } = options
  const connect = options.connect ?? ((asked: LinkOptions) => new Link(asked))
  const login = { address: parseBrokerUrl(options.url), password, fs }
  const process = random.uuid()
  let connection = 0
  // Until it is told that all others read more.
  let speaks = oldestRead(version)
  const replyTo = () => `reply.${process}.${connection}`
  const waiting = new Requests({ link: () => link, clock, random, replyTo, version: () => speaks })
  const served = new Served({ link: () => link, clock, note, version })
  const link: Connection = connect({
    ...{ login, clock, note },
    async onUp(channel) {
      connection += 1
      await makeExchanges(channel)
      await makeNotificationQueues(channel)
      await makeOwnQueue(channel, replyTo())
      await channel.consume(
        replyTo(),
        (delivery) => {
          const notice = delivery && readNotice(delivery)
          if (notice?.kind === 'cancel') served.cancel(notice.id)
          else if (notice) waiting.take(notice)
        },
        { noAck: true },
      )
      await served.resume(channel)
    },
    onReady: () => waiting.flush(),
    onReturn: ({ properties }) => waiting.returned(String(properties.messageId)),
  })
  await link.first.catch(async (error: unknown) => {
    await link.close()
    throw error
  })
  return {
    queues: brokerQueues(link),
    get counts() {
      return { ...served.counts, late: waiting.late }
    },
    get isReady() {
      return link.isReady
    },
    request: (topic, message, asked) => waiting.request(topic, message, asked),
    serve: (topic, serve) => served.add(topic, serve),
    publish: (topic, message, id) =>
      link.publish(requests, topic, encode(message), { messageId: id, persistent: true, contentType: 'application/json' }),
    get speaks() {
      return speaks
    },
    speak(wanted) {
      speaks = Math.min(version, Math.max(oldestRead(version), wanted))
    },
    async close() {
      waiting.failAll(new Fault('unreachable', 'the bus was closed'))
      await link.close()
    },
  }
}
