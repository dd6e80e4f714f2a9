/** Takes a stream into an open file while it hashes and counts, and finds what it is. */
import type { FileHandle } from 'node:fs/promises'
import { Fault } from '../core/fault.ts'
import type { ImageFormat } from '../model/image.ts'
import { type ImageFacts, inspectedBytes, inspectedTailBytes, inspectImage } from './inspect.ts'
import type { OpenSource } from './source.ts'

export interface AddOptions {
  readonly maxBytes: number
  readonly onProgress?: (done: number, total: number | undefined) => void
  /** Hex, in any case. */
  readonly expectedSha256?: string
  readonly declaredFormat?: ImageFormat
  readonly signal?: AbortSignal
}

export interface ReceivedImage extends ImageFacts {
  /** SHA-256, hex. */
  readonly digest: string
  readonly size: number
}

/** Fills `file` from the source. Faults: `invalid` for a wrong size, digest or content. */
export async function receiveImage(source: OpenSource, file: FileHandle, options: AddOptions): Promise<ReceivedImage> {
  const { digest, size } = await receiveBytes(source, file, options)
  return { digest, size, ...(await factsOf(file, size, options.declaredFormat)) }
}

/** The same for bytes that were inspected before: only their number and digest count. */
export async function receiveBytes(source: OpenSource, file: FileHandle, options: AddOptions) {
  const { maxBytes, expectedSha256, signal } = options
  if ((source.size ?? 0) > maxBytes) throw tooLarge(source, `${source.size} bytes`, maxBytes)
  const { digest, size } = await copy(source, file, options)
  if (signal?.aborted) throw stopped(source, signal)
  if (source.size !== undefined && size < source.size) {
    throw new Fault('unreachable', `${source.name} ended after ${size} of ${source.size} bytes`)
  }
  if (expectedSha256 !== undefined && expectedSha256.toLowerCase() !== digest) {
    throw new Fault('invalid', `${source.name} has SHA-256 ${digest}, expected is ${expectedSha256.toLowerCase()}`)
  }
  return { digest, size }
}

/** What the bytes of an open file are. Fault `invalid` for what may not be an image. */
export async function factsOf(file: FileHandle, size: number, declared?: ImageFormat): Promise<ImageFacts> {
  const head = await readAt(file, 0, Math.min(size, inspectedBytes))
  const tail = await readAt(file, Math.max(0, size - inspectedTailBytes), Math.min(size, inspectedTailBytes))
  return inspectImage(head, size, { tail, declared })
}

async function copy(source: OpenSource, file: FileHandle, { maxBytes, onProgress, signal }: AddOptions) {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  const stop = () => source.stream.destroy(stopped(source, signal))
  if (signal?.aborted) stop()
  signal?.addEventListener('abort', stop)
  let size = 0
  try {
    for await (const chunk of source.stream) {
      const bytes: Uint8Array = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
      if (size + bytes.length > maxBytes) throw tooLarge(source, `more than ${maxBytes} bytes`, maxBytes)
      // The write runs on another thread while this one hashes.
      const written = writeChunk(file, bytes, size)
      hash.update(bytes)
      await written
      size += bytes.length
      onProgress?.(size, source.size)
    }
    await file.truncate(size)
  } finally {
    signal?.removeEventListener('abort', stop)
  }
  return { digest: hash.digest('hex'), size }
}

const zeros = new Uint8Array(64 * 1024)

/** Writes what is not zero, so that holes stay holes. */
async function writeChunk(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let start = 0; start < bytes.length; ) {
    let end = start
    const isHole = isZero(bytes.subarray(start, start + zeros.length))
    while (end < bytes.length && isZero(bytes.subarray(end, end + zeros.length)) === isHole)
      end = Math.min(end + zeros.length, bytes.length)
    for (let at = start; !isHole && at < end; ) at += (await file.write(bytes, at, end - at, position + at)).bytesWritten
    start = end
  }
}

const isZero = (bytes: Uint8Array) => Buffer.compare(bytes, zeros.subarray(0, bytes.length)) === 0

async function readAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(bytes, done, length - done, position + done)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    done += bytesRead
  }
  return bytes
}

function tooLarge({ name }: OpenSource, found: string, maxBytes: number): Fault {
  return new Fault('invalid', `${name} has ${found}; the most is ${maxBytes}`)
}

function stopped({ name }: OpenSource, signal: AbortSignal | undefined): Fault {
  if (signal?.reason instanceof Fault) return signal.reason
  return new Fault('timeout', `reading ${name} was stopped`, { cause: signal?.reason })
}
