/** The controller's image files: one file a content, named by its SHA-256, for this user alone. */
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import { errorCode, fileReason } from '../hosts/file-fault.ts'
import { ageing } from './ageing.ts'
import { type Arrived, arrivals, incomingPrefix } from './arrivals.ts'
import { imagePath } from './image-path.ts'
import { type AddOptions, type ReceivedImage, receiveBytes, receiveImage } from './receive.ts'
import { saveImage, type WriteBytes } from './save.ts'
import { type ImageSource, type OpenSource, openSource } from './source.ts'

export type { Arrived } from './arrivals.ts'
export type { AddOptions, ReceivedImage } from './receive.ts'
export type { ImageSource } from './source.ts'

export interface ImageStore {
  /** Takes an image in once it was inspected; nothing is left of one that is refused. Faults: `invalid`, `not-found`, `unreachable`. */
  add(source: ImageSource, options: AddOptions): Promise<ReceivedImage>
  /** Where the bytes of a new image arrive that come from a host, by the image's id. */
  incoming(imageId: string): Promise<string>
  /** Takes in what arrived there, once it was inspected; the same again for one that was taken in. Faults: `invalid`, `not-found`. */
  takeOver(imageId: string, arrived: Arrived): Promise<ReceivedImage>
  /** Removes what arrived there and was not taken in, also at the service `from` that took it from the host. */
  discard(imageId: string, from?: string): Promise<void>
  /** Where the file of a digest is, or would be. */
  path(digest: string): string
  has(digest: string): Promise<boolean>
  /** Silent when there is none. */
  remove(digest: string): Promise<void>
  /** Copies an image to a new file (mode 0600), or for `-` to `output`, standard output by default, and checks its digest on the way. */
  save(digest: string, target: string, output?: WriteBytes): Promise<void>
}

/** Bytes that are on their way from another store. */
export interface Brought {
  readonly source: OpenSource
  readonly digest: string
  /** For a new image that nobody took over yet. */
  readonly imageId?: string
}

/** The store of one service, with what it gives to and takes from others. */
export interface ImageFiles extends ImageStore {
  /** Where bytes of a new image that came from a host are, or would be. */
  arrival(imageId: string): string
  hasArrived(imageId: string): Promise<boolean>
  /** Takes in the bytes of a digest that another store inspected, in the place of `to`. Fault `conflict` for other bytes. */
  bring(brought: Brought): Promise<void>
  /** Notes that somebody wants a file now. */
  touch(digest: string): Promise<void>
  /** Removes files that nobody wanted for so long; they must be copies of what others have. */
  prune(unusedForSeconds: number): Promise<void>
  /** Digests of files that have been there, unchanged, for longer than a day. */
  old(): Promise<string[]>
}

export interface ImageStoreOptions {
  readonly directory: string
  readonly clock: Clock
  readonly random: Random
}

/** What a killed process left is taken for waste after a day without a byte. */
const abandonedMs = 24 * 3600 * 1000
const files = () => import('node:fs/promises')

/** The store in `directory`, which is made on the first image. */
export function openImageStore({ directory, clock, random }: ImageStoreOptions): ImageFiles {
  const path = (digest: string) => imagePath(directory, digest)
  const has = async (digest: string) => (await (await files()).stat(path(digest)).catch(() => undefined))?.isFile() ?? false
  const arrived = arrivals({
    directory,
    path,
    prepare: () => prepare(directory, clock),
    keep: (from, to) => keep(from, to, directory),
  })

  /** Fills a new file from the source and puts it in the place that `fill` says. */
  async function placed<T>(source: OpenSource, fill: (file: FileHandle) => Promise<{ readonly to: string; readonly result: T }>) {
    const temporary = `${directory}/${incomingPrefix}${random.uuid()}`
    try {
      const { to, result } = await takeIn(temporary, fill)
      await keep(temporary, to, directory)
      return result
    } catch (error) {
      throw asStoreFault(error, directory, source.size)
    } finally {
      source.stream.destroy()
      await (await files()).rm(temporary, { force: true })
    }
  }
  return {
    path,
    has,
    ...arrived,
    ...ageing({ directory, path, clock }),
    add: async (source, options) => {
      await prepare(directory, clock)
      const opened = await openSource(source, options.signal)
      return placed(opened, async (file) => {
        const result = await receiveImage(opened, file, options)
        return { result, to: path(result.digest) }
      })
    },
    bring: async ({ source, digest, imageId }) => {
      await prepare(directory, clock)
      await placed(source, async (file) => {
        const found = await receiveBytes(source, file, { maxBytes: source.size ?? 0 })
        if (found.digest !== digest)
          throw new Fault('conflict', `the bytes of ${source.name} are damaged: their SHA-256 is ${found.digest}`)
        return { result: undefined, to: imageId === undefined ? path(digest) : arrived.arrival(imageId) }
      })
    },
    remove: async (digest) => (await files()).rm(path(digest), { force: true }),
    save: async (digest, target, output) => {
      if (!(await has(digest))) throw new Fault('not-found', `the file of image ${digest} is not in ${directory}`)
      await saveImage(path(digest), digest, target, output)
    },
  }
}

async function takeIn<T>(path: string, fill: (file: FileHandle) => Promise<T>): Promise<T> {
  const { open, constants } = await files()
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    const result = await fill(file)
    await file.sync()
    return result
  } finally {
    await file.close()
  }
}

async function keep(temporary: string, target: string, directory: string): Promise<void> {
  const { rename, open } = await files()
  await rename(temporary, target)
  const handle = await open(directory, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the directory ours alone and sweeps out what killed processes left. */
async function prepare(directory: string, clock: Clock): Promise<void> {
  const { mkdir, lstat, readdir, rm, stat, chmod } = await files()
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const found = await lstat(directory)
    if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error('it is not a directory of this user')
    if ((found.mode & 0o077) !== 0) await chmod(directory, 0o700)
    for (const name of await readdir(directory)) {
      if (!name.replace(/^\./, '').startsWith(incomingPrefix)) continue
      const modified = (await stat(`${directory}/${name}`).catch(() => undefined))?.mtimeMs ?? clock.wall()
      if (clock.wall() - modified > abandonedMs) await rm(`${directory}/${name}`, { force: true })
    }
  } catch (error) {
    throw new Fault('internal', `cannot keep images in ${directory}: ${fileReason(error)}`, { cause: error })
  }
}

function asStoreFault(error: unknown, directory: string, size: number | undefined): Fault {
  if (error instanceof Fault) return error
  if (errorCode(error) === 'ECONNRESET')
    return new Fault('unreachable', 'the download broke off before its end', { cause: error })
  const what = size === undefined ? 'an image' : `an image of ${size} bytes`
  return new Fault('internal', `cannot store ${what} in ${directory}: ${fileReason(error)}`, { cause: error })
}
