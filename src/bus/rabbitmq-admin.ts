/** What an operator sees and does of the broker's queues. */
import type { ConfirmChannel, GetMessage } from 'amqplib'
import { Fault } from '../core/fault.ts'
import type { DeadMessage, Queues } from './bus.ts'
import type { Connection } from './rabbitmq-link.ts'
import { dead, expired, requests } from './rabbitmq-queues.ts'

/** Bytes of a message's body that are shown. */
const shownBytes = 4096

export function brokerQueues(link: Connection): Queues {
  return {
    async list(topics) {
      const rows = []
      for (const name of [...topics, dead, expired]) {
        const found = await link.aside((channel) => channel.checkQueue(name)).catch(noQueue)
        if (found) rows.push({ name, messages: found.messageCount, consumers: found.consumerCount })
      }
      return rows
    },
    peek: (limit) =>
      link.aside(async (channel) => {
        const messages = await deadOnes(channel, limit)
        for (const message of messages) channel.nack(message, false, true)
        return messages.map(shown)
      }),
    retry: (ids, limit) =>
      link.aside(async (channel) => {
        const messages = await deadOnes(channel, limit)
        const wanted = messages.filter((message) => ids === undefined || ids.includes(String(message.properties.messageId)))
        for (const message of messages) if (!wanted.includes(message)) channel.nack(message, false, true)
        for (const message of wanted) await sendAgain(channel, message)
        return wanted.map(shown)
      }),
  }
}

async function deadOnes(channel: ConfirmChannel, limit: number): Promise<GetMessage[]> {
  const found: GetMessage[] = []
  for (let message = await channel.get(dead); message; message = found.length < limit ? await channel.get(dead) : false)
    found.push(message)
  return found
}

/** Back into its queue; it leaves the dead ones when it is there. */
async function sendAgain(channel: ConfirmChannel, message: GetMessage): Promise<void> {
  const { messageId, replyTo, headers = {} } = message.properties
  const own = Object.entries(headers).filter(([name]) => !name.startsWith('x-'))
  channel.publish(requests, shown(message).topic, message.content, {
    ...{ messageId, replyTo, persistent: true, mandatory: true },
    headers: Object.fromEntries(own),
  })
  await channel.waitForConfirms()
  channel.ack(message)
}

function shown({ content, properties }: GetMessage): DeadMessage {
  const { messageId, headers = {} } = properties
  const text = (name: string) => (typeof headers[name] === 'string' ? headers[name] : null)
  return {
    id: messageId === undefined ? null : String(messageId),
    topic: text('x-first-death-queue') ?? '',
    reason: text('x-first-death-reason') ?? 'unknown',
    body: content.subarray(0, shownBytes).toString('utf8'),
  }
}

function noQueue(error: unknown): undefined {
  if (Reflect.get(Object(error), 'code') === 404) return undefined
  throw error instanceof Fault ? error : new Fault('unreachable', `the broker did not answer: ${error}`)
}
