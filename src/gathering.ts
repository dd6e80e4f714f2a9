/** Fewer and longer writes to a connection. */
import type { Writable } from 'node:stream'

/**
 * What one turn of the event loop writes goes to the kernel, and wakes the other side, in one call: a packet of ssh is three writes,
 * a chunk of an image 96 of them, and each message of the queue is one.
 */
export function gathering<T extends Writable>(stream: T): T {
  const write = stream.write.bind(stream)
  const gathered = (...words: Parameters<Writable['write']>): boolean => {
    if (stream.writableCorked === 0) {
      stream.cork()
      process.nextTick(() => stream.uncork())
    }
    return write(...words)
  }
  return Object.assign(stream, { write: gathered })
}
