/** Files of this machine as streams: read from the beginning, or written whole while they arrive. */
import type { Readable } from 'node:stream'
import { fileFault } from './file-fault.ts'
import { files, replaceFile } from './local-files.ts'
import { writeAll } from './local-upload.ts'

const chunkBytes = 1024 * 1024

/** The bytes of `path`. An `internal` fault when it is not there. */
export async function openLocal(host: string, path: string): Promise<Readable> {
  const fs = await files()
  try {
    const file = await fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
    return file.createReadStream({ highWaterMark: chunkBytes })
  } catch (error) {
    throw fileFault(host, `read ${path}`, error)
  }
}

/** Writes `path` and resolves with the SHA-256 of what was written. Chunks of zeros become holes. */
export async function writeLocal(host: string, path: string, source: AsyncIterable<Uint8Array>): Promise<string> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  try {
    await replaceFile({ path, mode: 0o600 }, async (file) => {
      let done = 0
      for await (const chunk of source) {
        // The write runs on another thread while this one hashes.
        const written = isZero(chunk) ? undefined : writeAll(file, chunk, done)
        hash.update(chunk)
        await written
        done += chunk.length
      }
      await file.truncate(done)
    })
  } catch (error) {
    throw fileFault(host, `write ${path}`, error)
  }
  return hash.digest('hex')
}

const zeros = Buffer.alloc(chunkBytes)
const isZero = (chunk: Uint8Array) => chunk.length <= zeros.length && zeros.subarray(0, chunk.length).equals(chunk)
