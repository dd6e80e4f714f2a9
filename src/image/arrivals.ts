/** Images that hosts send: they arrive under their record's id beside the store's files and become one of them by a rename. */
import { Fault } from '../core/fault.ts'
import type { ImageFormat } from '../model/image.ts'
import { factsOf, type ReceivedImage } from './receive.ts'

/** Begins the names of files that are not whole yet. */
export const incomingPrefix = 'incoming-'

/** What is known of the bytes that arrived: their SHA-256 was counted while they were written. */
export interface Arrived {
  readonly digest: string
  readonly format: ImageFormat
  readonly maxBytes: number
  /** The service that took them from the host, where there are several. */
  readonly from?: string | undefined
}

interface Store {
  readonly directory: string
  path(digest: string): string
  /** Makes the directory. */
  prepare(): Promise<void>
  /** Renames durably. */
  keep(from: string, to: string): Promise<void>
}

const files = () => import('node:fs/promises')

/** The part of the image store that takes files over from hosts. */
export function arrivals({ directory, path, prepare, keep }: Store) {
  const arriving = (imageId: string) => {
    if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(imageId)) return `${directory}/${incomingPrefix}${imageId}`
    throw new Fault('invalid', `image id ${JSON.stringify(imageId.slice(0, 64))} is not a UUID`)
  }
  return {
    arrival: arriving,
    hasArrived: async (imageId: string) =>
      (await (await files()).stat(arriving(imageId)).catch(() => undefined))?.isFile() ?? false,
    async incoming(imageId: string): Promise<string> {
      await prepare()
      return arriving(imageId)
    },
    async takeOver(imageId: string, arrived: Arrived): Promise<ReceivedImage> {
      const target = path(arrived.digest)
      const image = await inspect(arriving(imageId), arrived)
      if (image) await keep(arriving(imageId), target)
      const kept = image ?? (await inspect(target, arrived))
      if (kept) return kept
      throw new Fault('not-found', `no bytes of image ${imageId} arrived in ${directory}`)
    },
    async discard(imageId: string): Promise<void> {
      await (await files()).rm(arriving(imageId), { force: true })
    },
  }
}

/** What the file is; undefined when there is none. */
async function inspect(path: string, { digest, format, maxBytes }: Arrived): Promise<ReceivedImage | undefined> {
  const { open, constants } = await files()
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (!file) return undefined
  try {
    const { size } = await file.stat()
    if (size > maxBytes) throw new Fault('invalid', `the image has ${size} bytes; the most is ${maxBytes}`)
    return { digest, size, ...(await factsOf(file, size, format)) }
  } finally {
    await file.close()
  }
}
