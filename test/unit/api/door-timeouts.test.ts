/** What both doors do with clients that say nothing, stop in the middle, or do not read. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Dispatcher } from '../../../src/api/dispatcher.ts'
import { openHttpsDoor } from '../../../src/api/https-door.ts'
import { type Door, openSocketDoor } from '../../../src/api/socket-door.ts'
import { makeCertificates } from '../../support/certificates.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/free-port.ts'

const ignore = () => undefined
const log = { info: ignore, warn: ignore, error: ignore }
/** More than the buffers of two sockets hold. */
const long = 'x'.repeat(32 * 1024 ** 2)
const never = 3600

interface Times {
  readonly idleSeconds: number
  readonly stallMs: number
}

interface Opened {
  readonly door: Door
  client(): Promise<Socket>
  /** A call of a method, as this door wants it. */
  call(method: string): string
}

/** `ping` is answered at once, `long` with a text that needs a reader, and `slow` when the test says so. */
function aDispatcher() {
  const waiting: ((text: string) => void)[] = []
  const dispatcher: Dispatcher = {
    async answer(frame) {
      const { method } = JSON.parse(frame)
      if (method === 'slow') return new Promise<string>((resolve) => waiting.push(resolve))
      return JSON.stringify({ result: method === 'long' ? long : 'pong' })
    },
    stop: ignore,
  }
  return { dispatcher, waiting }
}

function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function socketDoor(dispatcher: Dispatcher, times: Times): Promise<Opened> {
  const path = join(aDirectory(), 'nova.sock')
  const door = await openSocketDoor({ path, dispatcher, log, owner: 'ann', maxConnections: 10, ...times })
  const client = () => connected(connect(path), 'connect')
  return { door, client, call: (method) => `${JSON.stringify({ method })}\n` }
}

async function httpsDoor(dispatcher: Dispatcher, times: Times): Promise<Opened> {
  const directory = aDirectory()
  makeCertificates(directory)
  const port = await freePort()
  const pem = (name: string) => readFileSync(join(directory, name), 'utf8')
  const door = await openHttpsDoor({
    listen: `127.0.0.1:${port}`,
    certificate: pem('server.pem'),
    key: pem('server.key'),
    dispatcher,
    authenticator: { whoIs: async () => ({ userId: 'ann', projectId: 'web', roles: ['member'] }) },
    log,
    maxConnections: 10,
    requestMs: times.stallMs,
    ...times,
  })
  const client = () =>
    connected(connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: pem('ca.pem') }), 'secureConnect')
  const call = (method: string) => {
    const body = JSON.stringify({ method })
    return `POST /rpc HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }
  return { door, client, call }
}

async function connected(socket: Socket, event: 'connect' | 'secureConnect'): Promise<Socket> {
  await new Promise<void>((resolve, reject) => socket.once(event, () => resolve()).once('error', reject))
  socket.on('error', ignore)
  onTestFinished(() => void socket.destroy())
  return socket
}

const isLeft = (door: Door) => eventually('the connection is closed', async () => door.connections === 0)

describe.each([
  ['socket', socketDoor],
  ['https', httpsDoor],
])('the %s door', (_, open) => {
  async function opened(times: Partial<Times>) {
    const { dispatcher, waiting } = aDispatcher()
    const made = await open(dispatcher, { idleSeconds: never, stallMs: never * 1000, ...times })
    onTestFinished(() => made.door.close())
    return { ...made, waiting }
  }

  it('closes a connection without a call after its idle time', async () => {
    const { door, client, call } = await opened({ idleSeconds: 1 })
    const socket = await client()
    socket.write(call('ping'))
    await new Promise((resolve) => socket.once('data', resolve))
    const closed = new Promise<void>((resolve) => socket.resume().once('end', () => resolve()))
    await closed
    socket.end()
    await isLeft(door)
  })

  it('does not count the time of a call as idle', async () => {
    const { client, call, waiting } = await opened({ idleSeconds: 1 })
    const busy = await client()
    busy.write(call('slow'))
    const idle = await client()
    idle.write(call('ping'))
    // The other connection has gone through more than an idle time by then.
    await new Promise<void>((resolve) => idle.resume().once('end', () => resolve()))
    waiting[0]?.(JSON.stringify({ result: 'done' }))
    const answer = await new Promise<Buffer>((resolve) => busy.once('data', resolve))
    expect(String(answer)).toContain('done')
  })

  it('closes a connection that leaves a call unfinished', async () => {
    const { door, client, call } = await opened({ stallMs: 2000 })
    const socket = await client()
    socket.write(call('ping').slice(0, -4))
    socket.resume()
    await isLeft(door)
  })

  it('closes a connection whose reader takes nothing', async () => {
    const { door, client, call } = await opened({ stallMs: 2000 })
    const socket = await client()
    socket.pause()
    socket.write(call('long'))
    await eventually('the door has the connection', async () => door.connections === 1)
    await isLeft(door)
  })

  it('leaves a reader alone who takes all of a long answer', async () => {
    const { client, call } = await opened({ stallMs: 60_000 })
    const socket = await client()
    socket.write(call('long'))
    let read = 0
    for await (const part of socket) {
      read += Buffer.from(part).length
      if (read >= long.length) break
    }
    expect(read).toBeGreaterThanOrEqual(long.length)
  })
})
