/**
 * What services tell each other of the bytes of images, over the bus: who has them, and parts of them, which the reader asks for
 * one after another. Nothing is open between two questions, so that nothing has to be closed when somebody dies.
 */
import { Fault } from '../core/fault.ts'
import { parse, z } from '../core/schema.ts'
import { errorCode } from '../hosts/file-fault.ts'
import type { ImageFiles } from './store.ts'

/** Where a service answers for the files that it has. */
export const imageTopic = (service: string) => `images.${service}`

/** Bytes of one part. */
export const partBytes = 1024 * 1024

const digest = z.string().regex(/^[0-9a-f]{64}$/)
/** A content, or what a host sent for a new image and nobody took over yet. */
const wanted = z.union([z.object({ digest }), z.object({ imageId: z.uuid() })])
export type WantedBytes = z.infer<typeof wanted>

const part = z.object({
  of: wanted,
  offset: z.int().min(0),
  length: z
    .int()
    .min(1)
    .max(4 * partBytes),
})

/** What may be asked of a service: arguments and answers. */
export interface ImageQuestions {
  /** Bytes that it has of it; null for none. */
  size: [{ of: WantedBytes }, number | null]
  part: [{ of: WantedBytes; offset: number; length: number }, Uint8Array]
  /** The bytes are not needed any more. */
  drop: [{ of: WantedBytes }, null]
}

/** The files of one service: its images, and copies of those of others. */
export interface OwnFiles {
  readonly images: ImageFiles
  readonly copies: ImageFiles
}

/** Answers other services. Faults: `not-found`, `unsupported` for a question that this version does not know. */
export function imageAnswers({ images, copies }: OwnFiles) {
  async function pathOf(of: WantedBytes): Promise<string> {
    if ('imageId' in of) return images.arrival(of.imageId)
    return (await images.has(of.digest)) ? images.path(of.digest) : copies.path(of.digest)
  }
  return async ({ method, args }: { readonly method: string; readonly args: unknown }): Promise<unknown> => {
    if (method === 'size') return sizeOf(await pathOf(parse(z.object({ of: wanted }), args).of))
    if (method === 'part') {
      const { of, offset, length } = parse(part, args)
      return readPart(await pathOf(of), offset, length)
    }
    if (method !== 'drop') throw new Fault('unsupported', `this service does not know the question ${method} about images`)
    const { of } = parse(z.object({ of: wanted }), args)
    if ('imageId' in of) return images.discard(of.imageId)
    await Promise.all([images.remove(of.digest), copies.remove(of.digest)])
    return null
  }
}

const files = () => import('node:fs/promises')

async function sizeOf(path: string): Promise<number | null> {
  const found = await (await files()).stat(path).catch(() => undefined)
  return found?.isFile() ? found.size : null
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  const { open, constants } = await files()
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') throw new Fault('not-found', 'the bytes are gone')
    throw error
  })
  try {
    const bytes = Buffer.allocUnsafe(length)
    let done = 0
    for (let count = -1; done < length && count !== 0; done += count)
      count = (await file.read(bytes, done, length - done, offset + done)).bytesRead
    return bytes.subarray(0, done)
  } finally {
    await file.close()
  }
}
