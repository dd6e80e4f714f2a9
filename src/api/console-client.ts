/** A server's serial console at the other end of an endpoint, as a stream of this process. */
import { Duplex } from 'node:stream'

type Call = (method: string, params: object) => Promise<unknown>

/** Keys of one call, which a guest takes in any case. */
const mostTyped = 4096

/** Opens the console; the stream ends with it. Faults of the daemon, `not-found` for a server that the caller may not see. */
export async function openConsole(server: string, call: Call): Promise<Duplex> {
  const { console: id } = Object(await call('console.open', { server }))
  let asked: (() => void) | undefined
  const stream = new Duplex({
    read: () => asked?.(),
    writev: (chunks, done) => void type(Buffer.concat(chunks.map(({ chunk }) => Buffer.from(chunk)))).then(() => done(), done),
    destroy(error, done) {
      asked?.()
      void call('console.close', { console: id }).catch(() => undefined)
      done(error)
    },
  })

  async function type(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length; at += mostTyped)
      await call('console.write', { console: id, data: bytes.subarray(at, at + mostTyped).toString('base64') })
  }

  async function pump(): Promise<void> {
    while (!stream.destroyed) {
      const { data, isOver } = Object(await call('console.read', { console: id }))
      if (stream.destroyed) return
      const bytes = Buffer.from(String(data), 'base64')
      if (bytes.length > 0 && !stream.push(bytes)) await new Promise<void>((resolve) => (asked = resolve))
      if (isOver === true) stream.destroy()
    }
  }
  pump().catch((error) => stream.destroy(error instanceof Error ? error : new Error(String(error))))
  return stream
}
