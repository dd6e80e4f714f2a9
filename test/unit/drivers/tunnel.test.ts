import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTunnel, type Tunnel } from '../../../src/drivers/tunnel.ts'
import { eventually } from '../../support/eventually.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

describe('openTunnel', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  let tunnel: Tunnel
  let serve: (connection: Duplex) => void
  let stop: () => Promise<void>
  beforeEach(async () => {
    test = await emptyHostDirectory()
    const { host, directory } = test
    stop = await host.listen(`${directory}/far`, (connection) => serve(connection.on('error', () => {})))
    tunnel = await openTunnel({ host, socket: `${directory}/near` }, { host, socket: `${directory}/far` })
  })
  afterEach(async () => {
    await tunnel.close()
    await stop()
    await test.cleanup()
  })
  const connect = async () => {
    const connection = await test.host.connect(`${test.directory}/near`)
    connection.allowHalfOpen = true
    return connection.on('error', () => {})
  }
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  it('answers after the question has ended, and counts both ways', async () => {
    serve = (connection) => {
      const question: Buffer[] = []
      connection.on('data', (chunk: Buffer) => question.push(chunk))
      connection.once('end', () => connection.end(digest(Buffer.concat(question))))
    }
    const bytes = randomBytes(5 * 1024 ** 2)
    const connection = await connect()
    connection.end(bytes)
    expect(Buffer.concat(await connection.toArray()).toString()).toBe(digest(bytes))
    expect(tunnel.carried()).toEqual({ there: bytes.length, back: 64 })
    expect(tunnel.broken()).toBeUndefined()
  })

  it('takes no more than the far end does', async () => {
    serve = (connection) => connection.pause()
    const connection = await connect()
    for (let sent = 0; sent < 32; sent += 1) connection.write(Buffer.alloc(1024 ** 2))
    await eventually('the first bytes', async () => tunnel.carried().there > 0)
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(tunnel.carried().there).toBeLessThan(8 * 1024 ** 2)
    connection.destroy()
  })

  it('ends one side when the other breaks', async () => {
    serve = (connection) => connection.destroy()
    const connection = await connect()
    await once(connection.resume(), 'end')
    connection.destroy()
  })

  it('says why nobody answers at the far end', async () => {
    await stop()
    const connection = await connect()
    await once(connection.resume(), 'end')
    expect(tunnel.broken()).toMatchObject({ kind: 'unreachable' })
    connection.destroy()
  })

  it('leaves nothing behind when it is closed in the middle', async () => {
    serve = (connection) => connection.resume()
    const connection = await connect()
    const ended = once(connection.resume(), 'end')
    connection.write('x')
    await eventually('the first byte', async () => tunnel.carried().there === 1)
    await tunnel.close()
    await ended
    expect(await test.host.readdir(test.directory)).toEqual(['far'])
    connection.destroy()
  })
})
