/** A real HTTP server that takes webhooks, and misbehaves as it is told. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Notification } from '../../src/model/notification.ts'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly notification: Notification
}

export interface Receiver {
  readonly url: string
  readonly port: number
  /** What was answered with 2xx. */
  readonly taken: Received[]
  /** Every request, also those that were refused. */
  readonly seen: Received[]
  /** Answers with this status, or not at all. */
  answer: number | 'nothing' | 'redirect'
  close(): Promise<void>
}

/** Listens on loopback, on `port` when it is given. */
export async function aReceiver(port = 0): Promise<Receiver> {
  const receiver: Omit<Receiver, 'url' | 'port' | 'close'> = { taken: [], seen: [], answer: 200 }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (chunk: Buffer) => parts.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8')
      const received = { headers: request.headers, text, notification: JSON.parse(text) }
      receiver.seen.push(received)
      if (receiver.answer === 200) receiver.taken.push(received)
      respond(response)
    })
  })
  const respond = (response: ServerResponse) => {
    if (receiver.answer === 'nothing') return
    if (receiver.answer === 'redirect') response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    else response.writeHead(receiver.answer).end('what it says is not looked at')
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: taken } = server.address() as AddressInfo
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${taken}/nova`,
    port: taken,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  })
}
