/** Files of this machine for `localHost`: atomic writes, bounded reads, no link followed on the way to a write. */
import type { FileHandle } from 'node:fs/promises'
import { errorCode, fileFault } from './file-fault.ts'
import type { FileStat, Host } from './host.ts'

const defaultMaxBytes = 8 * 1024 * 1024
const isMissing = (error: unknown) => errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR'
let temporaries = 0

type Files = Pick<Host, 'readFile' | 'writeFile' | 'stat' | 'readdir' | 'mkdir' | 'remove' | 'rename'>

/** Kept once loaded: in the bundle each import makes a new object with every name of the module. */
const loaded: { promises?: typeof import('node:fs/promises'); fs?: typeof import('node:fs') } = {}
/** Node's promises of files, loaded on first use. */
export const files = async () => {
  loaded.promises ??= await import('node:fs/promises')
  return loaded.promises
}
/** Its calls that do not wait: for what is small, a trip through the thread pool costs more than the work. */
const atOnce = async () => {
  loaded.fs ??= await import('node:fs')
  return loaded.fs
}

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
      const mode = options.mode ?? 0o600
      return wrap(`write ${path} (${bytes.length} bytes)`, () =>
        options.durable === false
          ? replaceAtOnce(path, mode, bytes)
          : replaceFile({ path, mode }, async (file) => {
              await file.writeFile(bytes)
            }),
      )
    },
    stat: (path) => wrap(`look at ${path}`, () => statOrNothing(path)),
    readdir: (path) => wrap(`list ${path}`, async () => (await atOnce()).readdirSync(path).sort()),
    mkdir: (path) =>
      wrap(`create directory ${path}`, async () => {
        ;(await atOnce()).mkdirSync(path, { recursive: true, mode: 0o700 })
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
}

/** Writes `path` through a temporary file beside it, durably: whoever reads sees the old bytes or all of the new ones. */
export async function replaceFile({ path, mode }: Replacement, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const fs = await files()
  const temporary = temporaryOf(path)
  const file = await fs.open(temporary, newFile(fs.constants), 0o600)
  try {
    try {
      await fill(file)
      if (mode !== 0o600) await file.chmod(mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await fs.rename(temporary, path)
  } catch (error) {
    await fs.rm(temporary, { force: true })
    throw error
  }
  await syncDirectoryOf(path)
}

/** The same for bytes that the kernel may keep for a while. */
async function replaceAtOnce(path: string, mode: number, bytes: Uint8Array): Promise<void> {
  const fs = await atOnce()
  const temporary = temporaryOf(path)
  const fd = fs.openSync(temporary, newFile(fs.constants), 0o600)
  try {
    try {
      fs.writeFileSync(fd, bytes)
      if (mode !== 0o600) fs.fchmodSync(fd, mode)
    } finally {
      fs.closeSync(fd)
    }
    fs.renameSync(temporary, path)
  } catch (error) {
    fs.rmSync(temporary, { force: true })
    throw error
  }
}

type Flags = Record<'O_WRONLY' | 'O_CREAT' | 'O_EXCL' | 'O_NOFOLLOW', number>
const newFile = (flags: Flags) => flags.O_WRONLY | flags.O_CREAT | flags.O_EXCL | flags.O_NOFOLLOW

function temporaryOf(path: string): string {
  const cut = path.lastIndexOf('/') + 1
  temporaries += 1
  return `${path.slice(0, cut)}.${path.slice(cut, cut + 80)}.${process.pid}.${process.hrtime.bigint()}.${temporaries}.tmp`
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
    const stat = (await atOnce()).statSync(path)
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
  const fs = await atOnce()
  const fd = openOrNothing(fs, path)
  if (fd === undefined) return undefined
  try {
    const start = tail ? Math.max(0, fs.fstatSync(fd).size - maxBytes) : 0
    const bytes = readFrom(fs, fd, start, maxBytes + 1)
    if (bytes.length <= maxBytes) return bytes
    if (tail) return bytes.subarray(0, maxBytes)
    throw new Error(`it is larger than ${maxBytes} bytes`)
  } finally {
    fs.closeSync(fd)
  }
}

type Fs = Awaited<ReturnType<typeof atOnce>>

function openOrNothing(fs: Fs, path: string): number | undefined {
  try {
    // Files that may be missing are asked for often: an answer costs less than an error with its stack.
    if (fs.statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
    // Without O_NONBLOCK a FIFO in the place of a file would hold the reader for ever.
    return fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw error
  }
}

/** Up to `limit` bytes from `start`; files of /proc say size 0, so only the end of the file ends it. */
function readFrom(fs: Fs, fd: number, start: number, limit: number): Buffer {
  const chunks: Buffer[] = []
  let total = 0
  while (total < limit) {
    const buffer = Buffer.allocUnsafe(Math.min(64 * 1024, limit - total))
    const count = fs.readSync(fd, buffer, 0, buffer.length, start + total)
    if (count === 0) break
    chunks.push(buffer.subarray(0, count))
    total += count
  }
  return Buffer.concat(chunks)
}
