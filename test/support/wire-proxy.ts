/** A TCP proxy that does what networks do: cuts, swallows, delays. */
import { connect, createServer, type Server, type Socket } from 'node:net'

export interface WireProxy {
  readonly port: number
  /** Bytes that the server has sent through so far. */
  passed(): number
  /** Bytes that clients have sent so far. */
  sent(): number
  /** Ends each connection once the server has sent so many bytes over it; Infinity for never. */
  cutAfter(bytes: number): void
  /** Ends the connection, once, over which the client has sent so many bytes from now on. */
  cutAfterSent(bytes: number): void
  /** Lets nothing through in either direction, and says nothing about it. */
  blackhole(isOn: boolean): void
  /** Hands on the server's bytes that much later. */
  delay(ms: number): void
  close(): Promise<void>
}

/** A proxy on this machine to an ssh server. */
export async function wireProxy(host: string, port: number): Promise<WireProxy> {
  const open = new Set<Socket>()
  let room = Number.POSITIVE_INFINITY
  let [limit, isHole, lateMs, total, told] = [Number.POSITIVE_INFINITY, false, 0, 0, 0]
  const server = createServer((client) => {
    const upstream = connect({ host, port, noDelay: true })
    let sent = 0
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', end)
      socket.on('close', () => {
        open.delete(socket)
        if (!isHole) end()
      })
    }
    client.on('data', (bytes) => {
      room -= bytes.length
      told += bytes.length
      if (room < 0) {
        room = Number.POSITIVE_INFINITY
        end()
      } else if (!isHole) upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (isHole) return
      const part = bytes.subarray(0, Math.max(0, limit - sent))
      sent += bytes.length
      total += part.length
      const pass = () => {
        client.write(part)
        if (sent >= limit) end()
      }
      if (lateMs === 0) pass()
      else setTimeout(pass, lateMs)
    })
  })
  return {
    port: await listening(server),
    passed: () => total,
    sent: () => told,
    cutAfter: (bytes) => {
      limit = bytes
    },
    cutAfterSent: (bytes) => {
      room = bytes
    },
    blackhole: (isOn) => {
      isHole = isOn
    },
    delay: (ms) => {
      lateMs = ms
    },
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The port that a server got on this machine. */
export async function listening(server: Pick<Server, 'listen' | 'address'>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
