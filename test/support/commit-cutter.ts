/** Loses a commit of PostgreSQL between two machines: its request, or only its answer. */
import { connect as connectTo, createServer, type Socket } from 'node:net'
import { listening } from './wire-proxy.ts'

/** A proxy that cuts a connection at its next COMMIT of a change: before it is handed on, or once it was answered. */
export async function commitCutter(port: number) {
  let armed: 'before' | 'after' | undefined
  let meanwhile: () => Promise<unknown> = async () => undefined
  let cuts = 0
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connectTo({ host: '127.0.0.1', port, noDelay: true })
    let isDoomed = false
    let isWaiting = false
    for (const socket of [client, upstream]) open.add(socket.on('error', () => undefined).on('close', () => isWaiting || end()))
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    client.on('data', (bytes) => {
      const isCommit = armed !== undefined && bytes.includes('COMMIT\0')
      if (!isCommit) return void upstream.write(bytes)
      const when = armed
      armed = undefined
      cuts += 1
      if (when === 'after') {
        isDoomed = true
        upstream.write(bytes)
        return undefined
      }
      isWaiting = true
      upstream.destroy()
      void meanwhile().finally(end)
      return undefined
    })
    upstream.on('data', (bytes) => {
      if (!isDoomed) client.write(bytes)
      else if (bytes.includes('COMMIT\0')) end()
    })
  })
  return {
    port: await listening(server),
    cuts: () => cuts,
    cut(when: 'before' | 'after', work: () => Promise<unknown> = async () => undefined) {
      armed = when
      meanwhile = work
    },
    async close() {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
