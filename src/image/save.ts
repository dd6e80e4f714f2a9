/** Copies an image file out of the store and checks on the way that it is what its name says. */
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../core/fault.ts'
import { errorCode, fileReason } from '../hosts/file-fault.ts'

type Write = (chunk: Uint8Array) => Promise<void>

/** Copies `path` to the new file `target`, or to standard output for `-`. Faults: `exists`, `internal`. */
export async function saveImage(path: string, digest: string, target: string): Promise<void> {
  if (target === '-') return copyChecked(path, digest, toStandardOutput)
  const { open, rm } = await import('node:fs/promises')
  const file = await open(target, 'wx', 0o600).catch((error: unknown) => {
    if (errorCode(error) === 'EEXIST') throw new Fault('exists', `${target} is there already`)
    throw new Fault('invalid', `cannot write ${target}: ${fileReason(error)}`, { cause: error })
  })
  try {
    await copyChecked(path, digest, toFile(file))
    await file.sync()
  } catch (error) {
    await rm(target, { force: true })
    throw error instanceof Fault ? error : new Fault('internal', `cannot write ${target}: ${fileReason(error)}`, { cause: error })
  } finally {
    await file.close()
  }
}

async function copyChecked(path: string, digest: string, write: Write): Promise<void> {
  const { open } = await import('node:fs/promises')
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const file = await open(path, 'r')
  for await (const chunk of file.createReadStream({ highWaterMark: 1024 * 1024 })) {
    const written = write(chunk)
    hash.update(chunk)
    await written
  }
  const found = hash.digest('hex')
  if (found !== digest) throw new Fault('internal', `image file ${path} is damaged: its SHA-256 is ${found}`)
}

const toFile =
  (file: FileHandle): Write =>
  async (chunk) => {
    let done = 0
    while (done < chunk.length) done += (await file.write(chunk, done, chunk.length - done)).bytesWritten
  }

const toStandardOutput: Write = (chunk) =>
  new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
