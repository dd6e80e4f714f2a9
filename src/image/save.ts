/** Copies an image file out of the store and checks on the way that it is what its name says. */
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../core/fault.ts'
import { errorCode, fileReason } from '../hosts/file-fault.ts'

export type WriteBytes = (chunk: Uint8Array) => Promise<void>

/** Copies `path` to the new file `target`, or to `output` for `-`. Faults: `exists`, `internal`. */
export const saveImage = (path: string, digest: string, target: string, output?: WriteBytes): Promise<void> =>
  writeTo(target, (write) => copyChecked(path, digest, write), output)

/** Has `copy` write the new file `target`, of which nothing is left when it fails; `-` is `output`. */
export async function writeTo(
  target: string,
  copy: (write: WriteBytes) => Promise<void>,
  output: WriteBytes = toStandardOutput,
): Promise<void> {
  if (target === '-') return copy(output)
  const { open, rm } = await import('node:fs/promises')
  const file = await open(target, 'wx', 0o600).catch((error: unknown) => {
    if (errorCode(error) === 'EEXIST') throw new Fault('exists', `${target} is there already`)
    throw new Fault('invalid', `cannot write ${target}: ${fileReason(error)}`, { cause: error })
  })
  try {
    await copy(toFile(file))
    await file.sync()
  } catch (error) {
    await rm(target, { force: true })
    throw error instanceof Fault ? error : new Fault('internal', `cannot write ${target}: ${fileReason(error)}`, { cause: error })
  } finally {
    await file.close()
  }
}

async function copyChecked(path: string, digest: string, write: WriteBytes): Promise<void> {
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
  (file: FileHandle): WriteBytes =>
  async (chunk) => {
    let done = 0
    while (done < chunk.length) done += (await file.write(chunk, done, chunk.length - done)).bytesWritten
  }

const toStandardOutput: WriteBytes = (chunk) =>
  new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
