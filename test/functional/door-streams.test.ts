/** Images and serial consoles through the HTTPS door: whole, in order, only for who may, and no faster than they are read. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openConsole } from '../../src/api/console-client.ts'
import { fetchImage } from '../../src/api/download-client.ts'
import { openHttpsClient } from '../../src/api/https-client.ts'
import type { OpenClient } from '../../src/api/socket-client.ts'
import { sendFile } from '../../src/api/upload-client.ts'
import { eventually } from '../support/eventually.ts'
import { aDoor, type OpenDoors } from '../support/open-doors.ts'

const bytes = Buffer.concat([randomBytes(2.5 * 1024 ** 2), Buffer.alloc(1024 ** 2)])
const digest = createHash('sha256').update(bytes).digest('hex')
const ignore = () => undefined

let door: OpenDoors
let ann: OpenClient
let reader: OpenClient
let other: OpenClient
let server: string

beforeAll(async () => {
  door = await aDoor(['h1'])
  ;[ann, reader, other] = await Promise.all([
    client('ann', 'web', 'member'),
    client('rita', 'web', 'reader'),
    client('oscar', 'ops', 'member'),
  ])
  const file = path.join(door.state, 'disk.raw')
  writeFileSync(file, bytes)
  const source = await sendFile({ file, call: ann.call, progress: ignore })
  await ann.call('image.create', { name: 'disk', source, diskFormat: 'raw' })
  await ann.call('server.create', { name: 'web-1', flavor: 'm1.tiny', nic: 'none' })
  server = String(Object(await ann.call('server.show', { server: 'web-1' })).id)
})
afterAll(async () => {
  for (const each of [ann, reader, other]) each.close()
  await door.close()
})

async function client(user: string, project: string, role: 'member' | 'reader'): Promise<OpenClient> {
  const token = await door.token(user, project, [role])
  const authority = readFileSync(`${door.state}/ca.pem`, 'utf8')
  return openHttpsClient({ url: new URL(`https://localhost:${door.port}`), token, authority })
}

async function fetched(from: OpenClient): Promise<Buffer> {
  const parts: Uint8Array[] = []
  const write = async (part: Uint8Array) => void parts.push(part)
  await fetchImage({ image: 'disk', total: undefined, call: from.call, write, progress: ignore })
  return Buffer.concat(parts)
}

describe('an image through the door', () => {
  it('arrives whole, also for a reader of the project', async () => {
    expect((await fetched(ann)).equals(bytes)).toBe(true)
    expect((await fetched(reader)).equals(bytes)).toBe(true)
  })

  it('is not there for another project', async () => {
    await expect(fetched(other)).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('comes in order, to who asked for it', async () => {
    const { download } = Object(await ann.call('download.begin', { image: 'disk' }))
    await expect(reader.call('download.read', { download, offset: 0 })).rejects.toMatchObject({ kind: 'not-found' })
    const { data, isLast } = Object(await ann.call('download.read', { download, offset: 0 }))
    expect([Buffer.from(data, 'base64').equals(bytes.subarray(0, 1024 ** 2)), isLast]).toEqual([true, false])
    await expect(ann.call('download.read', { download, offset: 0 })).rejects.toMatchObject({ kind: 'conflict' })
    await expect(ann.call('download.read', { download, offset: 1024 ** 2 })).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('finds room for eight at once for one caller', async () => {
    const begin = () => ann.call('download.begin', { image: 'disk' })
    const open = []
    for (let count = 0; count < 8; count++) open.push(Object(await begin()).download)
    await expect(begin()).rejects.toMatchObject({ kind: 'unreachable', details: { retryAfterSeconds: 60 } })
    for (const download of open) await ann.call('download.drop', { download })
    expect((await fetched(ann)).equals(bytes)).toBe(true)
  })

  it('is refused at its end when its file is damaged', async () => {
    const images = path.join(door.state, 'images')
    const [file = ''] = readdirSync(images).filter((name) => name === digest)
    truncateSync(path.join(images, file), 1024)
    onTestFinished(() => writeFileSync(path.join(images, file), bytes))
    await expect(fetched(ann)).rejects.toMatchObject({ kind: 'internal' })
  })
})

describe('a serial console through the door', () => {
  it('carries what is typed and what the guest writes', async () => {
    await aGuest((socket) => socket.on('data', (typed) => socket.write(String(typed).toUpperCase())))
    const console = await attached(ann)
    console.write('uname\n')
    expect(await text(console, 6)).toBe('UNAME\n')
    console.destroy()
  })

  it('ends when the guest’s side ends', async () => {
    await aGuest((socket) => socket.end('bye'))
    const console = await attached(ann)
    let said = ''
    console.on('data', (part) => {
      said += String(part)
    })
    await new Promise<void>((resolve) => console.once('close', () => resolve()))
    expect(said).toBe('bye')
  })

  it('leaves the guest’s socket when the client leaves', async () => {
    const guest = await aGuest(ignore)
    const console = await attached(ann)
    await eventually('the guest is attached', async () => guest.sockets.size === 1)
    console.destroy()
    await eventually('the guest is left', async () => guest.sockets.size === 0)
  })

  it('is for members of the project alone', async () => {
    await aGuest(ignore)
    await expect(attached(reader)).rejects.toMatchObject({ kind: 'forbidden' })
    await expect(attached(other)).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('is read no faster than its client fetches', async () => {
    const flood = Buffer.alloc(8 * 1024 ** 2, 'x')
    let read = 0
    let readWhenWritten = 0
    await aGuest((socket) => {
      socket.write(flood, () => {
        readWhenWritten = read
        socket.end()
      })
    })
    const { console } = Object(await ann.call('console.open', { server }))
    for (let isOver = false; !isOver; ) {
      const part = Object(await ann.call('console.read', { console }))
      read += Buffer.from(part.data, 'base64').length
      isOver = part.isOver
    }
    expect(read).toBe(flood.length)
    // The rest were the buffers of two sockets.
    expect(readWhenWritten).toBeGreaterThan(4 * 1024 ** 2)
  })

  it('says that nobody answers when the guest is off', async () => {
    // What a guest leaves behind that nobody listens on any more.
    const left = path.join(door.state, 'instances', 'h1', server, 'console.sock')
    writeFileSync(left, '')
    onTestFinished(() => rmSync(left))
    await expect(attached(ann)).rejects.toMatchObject({ kind: 'unreachable' })
  })
})

/** A guest that listens on its console until the test ends. */
async function aGuest(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const listening = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', ignore)
    socket.once('close', () => sockets.delete(socket))
    socket.on('data', ignore)
    serve(socket)
  })
  const directory = path.join(door.state, 'instances', 'h1', server)
  mkdirSync(directory, { recursive: true })
  await new Promise<void>((resolve) => listening.listen(path.join(directory, 'console.sock'), resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise<void>((resolve) => listening.close(() => resolve()))
  })
  return { sockets }
}

const attached = (by: OpenClient): Promise<Duplex> => openConsole(server, by.call)

/** The first `count` characters. */
async function text(console: Duplex, count: number): Promise<string> {
  let said = ''
  for await (const part of console.iterator({ destroyOnReturn: false })) {
    said += String(part)
    if (said.length >= count) break
  }
  return said
}
