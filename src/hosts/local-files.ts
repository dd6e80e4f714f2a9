/** Files of this machine for `localHost`: atomic writes, bounded reads, no link followed on the way to a write. */
import type { FileHandle } from 'node:fs/promises'
import { errorCode, fileFault } from './file-fault.ts'
import type { FileStat, Host } from './host.ts'

const defaultMaxBytes = 8 * 1024 * 1024
const isMissing = (error: unknown) => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'
let temporaries = 0

type Files = Pick<Host, 'readFile' | 'writeFile' | 'stat' | 'readdir' | 'mkdir' | 'remove' | 'rename'>

/** Node's promises of files, loaded on first use. */
export const files = () => import('node:fs/promises')

/** The file operations of the host called `host`. */
export function localFiles(host: string): Files {
  const wrap = async <T>(attempt: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw fileFault(host, attempt, error)
    }
  }
  return {
    readFile: (path, options = {}) =>
      wrap(`read ${path}`, () => readBounded(path, options.maxBytes ?? defaultMaxBytes, options.tail ?? false)),
    writeFile: (path, data, options = {}) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data
      return wrap(`write ${path} (${bytes.length} bytes)`, () =>
        replaceFile({ path, mode: options.mode ?? 0o600, durable: options.durable ?? true }, async (file) => {
          await file.writeFile(bytes)
        }),
      )
    },
    stat: (path) => wrap(`look at ${path}`, () => statOrNothing(path)),
    readdir: (path) => wrap(`list ${path}`, async () => (await (await files()).readdir(path)).sort()),
    mkdir: (path) =>
      wrap(`create directory ${path}`, async () => {
        await (await files()).mkdir(path, { recursive: true, mode: 0o700 })
      }),
    remove: (path) => wrap(`remove ${path}`, () => removeTree(path)),
    rename: (from, to) =>
      wrap(`rename ${from} to ${to}`, async () => {
        await (await files()).rename(from, to)
        await syncDirectoryOf(to)
      }),
  }
}

export interface Replacement {
  readonly path: string
  readonly mode: number
  /** False leaves it to the kernel when the bytes reach the disk. */
  readonly durable: boolean
}

/** Writes `path` through a temporary file beside it: whoever reads sees the old bytes or all of the new ones. */
export async function replaceFile(
  { path, mode, durable }: Replacement,
  fill: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const fs = await files()
  const { constants } = fs
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const cut = path.lastIndexOf('/') + 1
  temporaries += 1
  const temporary = `${path.slice(0, cut)}.${path.slice(cut, cut + 80)}.${process.pid}.${process.hrtime.bigint()}.${temporaries}.tmp`
  const file = await fs.open(temporary, flags, 0o600)
  try {
    try {
      await fill(file)
      if (mode !== 0o600) await file.chmod(mode)
      if (durable) await file.sync()
    } finally {
      await file.close()
    }
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true })
    throw error
  }
  if (durable) await syncDirectoryOf(path)
}

async function syncDirectoryOf(path: string): Promise<void> {
  const directory = await (await files()).open(path.slice(0, path.lastIndexOf('/') + 1) || '.', 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

async function statOrNothing(path: string): Promise<FileStat | undefined> {
  try {
    const stat = await (await files()).stat(path)
    return { size: stat.size, isDirectory: stat.isDirectory(), modifiedAt: stat.mtimeMs }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await (await files()).rm(path, { recursive: true, force: true })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

async function readBounded(path: string, maxBytes: number, tail: boolean): Promise<Buffer | undefined> {
  const fs = await files()
  // Without O_NONBLOCK a FIFO in the place of a file would hold the reader for ever.
  const file = await fs.open(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const { size } = await file.stat()
    const bytes = await readFrom(file, tail ? Math.max(0, size - maxBytes) : 0, maxBytes + 1)
    if (bytes.length <= maxBytes) return bytes
    if (tail) return bytes.subarray(0, maxBytes)
    throw new Error(`it is larger than ${maxBytes} bytes`)
  } finally {
    await file.close()
  }
}

/** Up to `limit` bytes from `start`; files of /proc say size 0, so only the end of the file ends it. */
async function readFrom(file: FileHandle, start: number, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  while (total < limit) {
    const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, limit - total))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start + total)
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    total += bytesRead
  }
  return Buffer.concat(chunks)
}
