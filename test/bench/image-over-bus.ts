/** An image of 256 MB over RabbitMQ, both services in this process, beside a copy of the file and beside the same bytes as bare messages. */
import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type ConsumeMessage, connect } from 'amqplib'
import { openRabbitBus } from '../../src/bus/rabbitmq.ts'
import { parseBrokerUrl } from '../../src/bus/rabbitmq-address.ts'
import { imageExchange } from '../../src/image/image-exchange.ts'
import { imagePeers } from '../../src/image/image-peers.ts'
import { imageAnswers, imageTopic, partBytes } from '../../src/image/parts.ts'
import { openImageStore } from '../../src/image/store.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import type { Row } from './row.ts'

const size = 256 * 1024 ** 2

/** Two rows, in MB/s. */
export async function imageRows(url: string): Promise<Row[]> {
  const root = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const open = () => openRabbitBus({ url, clock, random, fs })
  const [holder, reader] = await Promise.all([open(), open()])
  try {
    const bytes = randomBytes(size)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const [ctl1, rack1] = [filesIn(`${root}/ctl1`), filesIn(`${root}/rack1`)]
    writeFileSync(ctl1.images.path(digest), bytes)
    holder.serve(imageTopic('ctl1'), imageAnswers(ctl1))
    const exchange = imageExchange({
      ...rack1,
      peers: imagePeers({ ask: (to, message, deadlineMs) => reader.request(imageTopic(to), message, { deadlineMs }), clock }),
      others: async () => ['ctl1'],
      unusedForSeconds: () => 3600,
      note: (message) => process.stderr.write(`${message}\n`),
    })
    const copied = await rate(async () => {
      execFileSync('cp', ['--reflink=never', ctl1.images.path(digest), `${root}/copy`])
      execFileSync('sync', [`${root}/copy`])
    })
    const bare = await messages(url, bytes)
    const value = await rate(async () => void (await exchange.file(digest)))
    const row = { work: 'an image of 256 MB to a worker over RabbitMQ', value, unit: 'MB/s', budget: '', met: true }
    return [
      { ...row, comparedWith: 'cp and sync on this disk', comparison: copied, ratio: value / copied },
      { ...row, comparedWith: 'the same bytes as bare messages', comparison: bare, ratio: value / bare },
    ]
  } finally {
    await Promise.all([holder.close(), reader.close()])
    rmSync(root, { recursive: true, force: true })
  }
}

function filesIn(directory: string) {
  const at = (part: string) => {
    mkdirSync(`${directory}/${part}`, { recursive: true, mode: 0o700 })
    return openImageStore({ directory: `${directory}/${part}`, clock, random })
  }
  return { images: at('images'), copies: at('copies') }
}

async function rate(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return Math.round((size / 1e6 / (performance.now() - began)) * 10_000) / 10
}

/** Published with confirms, four messages under way, and consumed by the same process. */
async function messages(url: string, bytes: Buffer): Promise<number> {
  const { hostname, port } = parseBrokerUrl(url)
  const connection = await connect({ hostname, port, username: 'guest', password: 'guest' }, { noDelay: true })
  const channel = await connection.createConfirmChannel()
  const { queue } = await channel.assertQueue('', { exclusive: true })
  let arrived = 0
  const whole = new Promise<void>((resolve) => {
    const take = (message: ConsumeMessage | null) => {
      arrived += message?.content.length ?? 0
      if (arrived === size) resolve()
    }
    void channel.consume(queue, take, { noAck: true })
  })
  const found = await rate(async () => {
    for (let at = 0; at < size; at += 4 * partBytes) {
      for (let part = 0; part < 4; part += 1)
        channel.sendToQueue(queue, bytes.subarray(at + part * partBytes, at + (part + 1) * partBytes))
      await channel.waitForConfirms()
    }
    await whole
  })
  await connection.close()
  return found
}
