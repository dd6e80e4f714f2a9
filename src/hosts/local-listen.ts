/** Unix sockets of this machine that listen. */
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { fileFault } from './file-fault.ts'
import { files } from './local-files.ts'
import { socketAddress } from './local-socket.ts'

/** Listens on `path` until the returned function is called; Fault `internal` when it cannot. */
export async function listenSocket(
  host: string,
  path: string,
  onConnection: (connection: Duplex) => void,
): Promise<() => Promise<void>> {
  const { createServer } = await import('node:net')
  const open = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    onConnection(socket)
  })
  const fs = await files()
  const listen = async () => {
    await fs.rm(path, { force: true })
    const address = await socketAddress(path)
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.once('listening', resolve)
    })
    // Binding is synchronous, so no other code of ours sees the narrow mask.
    const mask = process.umask(0o177)
    try {
      server.listen({ path: address.path })
    } finally {
      process.umask(mask)
    }
    await listening
    return address
  }
  const address = await listen().catch((error: unknown) => {
    throw fileFault(host, `listen on ${path}`, error)
  })
  return async () => {
    for (const socket of open) socket.destroy()
    if (server.listening) await new Promise((resolve) => server.close(resolve))
    // The server removes its socket by this name, so the name goes last.
    await address.release()
    await fs.rm(path, { force: true })
  }
}
