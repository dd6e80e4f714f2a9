/** Puts a message into the exchange as it is, behind the bus's back. */
import { connect } from 'amqplib'

/** Resolves when the broker has it. */
export async function publishRaw(url: string, topic: string, body: unknown, messageId: string): Promise<void> {
  const address = new URL(url)
  address.password = 'guest'
  const connection = await connect(address.href)
  const channel = await connection.createConfirmChannel()
  const headers = { version: 1, 'deadline-ms': 60_000 }
  channel.publish('nova', topic, Buffer.from(JSON.stringify(body)), { messageId, persistent: true, headers })
  await channel.waitForConfirms()
  await connection.close()
}

/** The oldest message of a queue, taken from it; undefined when it is empty. */
export async function takeRaw(url: string, queue: string): Promise<{ readonly id: unknown; readonly body: unknown } | undefined> {
  const address = new URL(url)
  address.password = 'guest'
  const connection = await connect(address.href)
  try {
    const channel = await connection.createChannel()
    const found = await channel.get(queue, { noAck: true })
    return found ? { id: found.properties.messageId, body: JSON.parse(found.content.toString('utf8')) } : undefined
  } finally {
    await connection.close()
  }
}
