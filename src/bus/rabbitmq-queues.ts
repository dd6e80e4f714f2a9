/**
 * What the broker holds for nova. Requests go through the topic exchange `nova` into durable, replicated queues; what nobody
 * could work ends in `nova.dead` to be looked at and retried, what came too late in `nova.expired`, where it is only counted.
 */
import type { Channel } from 'amqplib'

export const requests = 'nova'
export const everybody = 'nova.fanout'
export const dead = 'nova.dead'
export const expired = 'nova.expired'

/** Deliveries of one message that may end with the death of its server, before it counts as poisoned. */
export const deliveryLimit = 5
/** Expired requests that are kept for counting. */
const keptExpired = 10_000

/** Makes exchanges and the queues of failures; the same every time. */
export async function makeExchanges(channel: Channel): Promise<void> {
  await channel.assertExchange(requests, 'topic', { durable: true })
  await channel.assertExchange(everybody, 'fanout', { durable: true })
  await channel.assertExchange(dead, 'headers', { durable: true })
  await channel.assertQueue(dead, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.assertQueue(expired, { durable: true, arguments: { 'x-max-length': keptExpired } })
  for (const [queue, reason] of [
    [dead, 'rejected'],
    [dead, 'delivery_limit'],
    [expired, 'expired'],
  ] as const)
    await channel.bindQueue(queue, dead, '', { 'x-match': 'any-with-x', 'x-first-death-reason': reason })
}

/** Notifications that wait for a consumer; beyond them the oldest go, so that a broker without one does not fill up. */
const keptNotifications = 100_000

/** Makes Nova's queues of notifications, by priority. */
export async function makeNotificationQueues(channel: Channel): Promise<void> {
  for (const queue of ['notifications.info', 'notifications.error']) {
    await channel.assertQueue(queue, { durable: true, arguments: { 'x-max-length': keptNotifications } })
    await channel.bindQueue(queue, requests, queue)
  }
}

/** Topics of questions whose answer is worth something only now, from a process that is there. */
const transient = 'images.'
/** Milliseconds that the queue of a process outlives it when the broker was away as well. */
const goneMs = 60_000

/** Who asks a process that is gone is told at once. */
async function makeTransientQueue(channel: Channel, topic: string): Promise<void> {
  await channel.assertQueue(topic, { durable: true, autoDelete: true, arguments: { 'x-expires': goneMs } })
  await channel.bindQueue(topic, requests, topic)
}

export const isTransient = (topic: string) => topic.startsWith(transient)

/** Messages of a topic that the broker gives a process at once; answers with bytes of images fill its memory. */
export const prefetchOf = (topic: string) => (isTransient(topic) ? 8 : 100)

/** Makes the queue of a topic; of the processes that serve one host only one gets messages, until it is gone. */
export async function makeQueue(channel: Channel, topic: string): Promise<void> {
  if (isTransient(topic)) return makeTransientQueue(channel, topic)
  await channel.assertQueue(topic, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': dead,
      ...(topic.startsWith('compute.') ? { 'x-single-active-consumer': true } : {}),
    },
  })
  await channel.bindQueue(topic, requests, topic)
}

/** A queue of this connection alone, for answers and for what everybody is told. */
export async function makeOwnQueue(channel: Channel, name: string): Promise<void> {
  await channel.assertQueue(name, { exclusive: true, autoDelete: true, durable: false })
  await channel.bindQueue(name, everybody, '')
}
