/** A TCP proxy for a bad line: every byte arrives, later, and only so many in a second. */
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SlowWire {
  readonly port: number
  /** From now on bytes arrive so many milliseconds later, and so many a second; without arguments at once. */
  pace(delayMs?: number, bytesPerSecond?: number): void
  close(): Promise<void>
}

/** Listens at `address` for a server at `port` of the loopback. */
export async function slowWire(address: string, port: number): Promise<SlowWire> {
  const open = new Set<Socket>()
  let [delayMs, bytesPerSecond] = [0, Number.POSITIVE_INFINITY]
  /** One chunk after the other: what is behind a late one is late as well. */
  const paced = () =>
    new Transform({
      transform(chunk: Buffer, _, done) {
        const ms = delayMs + (chunk.length / bytesPerSecond) * 1000
        if (ms === 0) done(null, chunk)
        else void sleep(ms).then(() => done(null, chunk))
      },
    })
  const server = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port, noDelay: true })
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', () => open.delete(socket))
    }
    client.pipe(paced()).pipe(upstream)
    upstream.pipe(paced()).pipe(client)
  })
  await new Promise<void>((resolve) => void server.listen(0, address, () => resolve()))
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('the proxy has no port')
  return {
    port: at.port,
    pace(ms = 0, rate = Number.POSITIVE_INFINITY) {
      delayMs = ms
      bytesPerSecond = rate
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
