/** Copies a file of this machine into a host directory of this machine, hashing what was written. */
import type { FileHandle } from 'node:fs/promises'
import { fileFault } from './file-fault.ts'
import { files, replaceFile } from './local-files.ts'

const chunkBytes = 1024 * 1024
const readOnly = 0o400
/** A killed process leaves its temporary file; after an hour without a byte nobody is at it. */
const abandonedMs = 3600 * 1000
type Progress = (done: number, total: number) => void

/** Copies `source` to `target` (mode 0400, atomic) and resolves with the SHA-256 of the copy. Holes stay holes. */
export async function localUpload(host: string, source: string, target: string, onProgress?: Progress): Promise<string> {
  const fs = await files()
  try {
    const from = await fs.open(source, fs.constants.O_RDONLY)
    try {
      let digest = ''
      await sweepAbandoned(target)
      await replaceFile({ path: target, mode: readOnly }, async (to) => {
        digest = await copyAndHash(from, to, onProgress)
      })
      return digest
    } finally {
      await from.close()
    }
  } catch (error) {
    throw fileFault(host, `upload ${source} to ${target}`, error)
  }
}

async function sweepAbandoned(target: string): Promise<void> {
  const fs = await files()
  const cut = target.lastIndexOf('/') + 1
  const directory = target.slice(0, cut)
  for (const name of await fs.readdir(directory)) {
    if (!name.startsWith(`.${target.slice(cut, cut + 80)}.`) || !name.endsWith('.tmp')) continue
    const stat = await fs.stat(directory + name).catch(() => undefined)
    if (stat !== undefined && Date.now() - stat.mtimeMs > abandonedMs) await fs.rm(directory + name, { force: true })
  }
}

async function copyAndHash(from: FileHandle, to: FileHandle, onProgress: Progress = () => {}): Promise<string> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const { size } = await from.stat()
  const buffer = Buffer.allocUnsafe(chunkBytes)
  const zeros = Buffer.alloc(chunkBytes)
  let done = 0
  for (;;) {
    const { bytesRead } = await from.read(buffer, 0, chunkBytes, done)
    if (bytesRead === 0) break
    const chunk = buffer.subarray(0, bytesRead)
    // The write runs on another thread while this one hashes.
    const written = chunk.equals(zeros.subarray(0, bytesRead)) ? undefined : writeAll(to, chunk, done)
    hash.update(chunk)
    await written
    done += bytesRead
    onProgress(done, Math.max(size, done))
  }
  await to.truncate(done)
  return hash.digest('hex')
}

/** Writes every byte: one write call may take fewer. */
export async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}
