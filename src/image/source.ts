/** Where the bytes of an image come from, opened for one reading. */
import type { Readable } from 'node:stream'
import { Fault } from '../core/fault.ts'
import { fileReason } from '../hosts/file-fault.ts'
import { openUrl } from './fetch.ts'
import { publicAddresses } from './public-address.ts'

export type ImageSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly allowHttp?: boolean; readonly allowPrivate?: boolean }
  | { readonly kind: 'stdin'; readonly stream: AsyncIterable<Uint8Array> }

export interface OpenSource {
  /** For messages. */
  readonly name: string
  readonly stream: Readable
  /** Bytes, when they are known before the end. */
  readonly size: number | undefined
}

const chunkBytes = 1024 * 1024

/** Opens a source. Fault `not-found` for a file that is not there, `invalid` for one that is no file. */
export async function openSource(source: ImageSource, signal?: AbortSignal): Promise<OpenSource> {
  if (source.kind === 'stdin') return { name: 'standard input', stream: await streamOf(source.stream), size: undefined }
  if (source.kind === 'file') return openFile(source.path)
  const isPublic = await publicAddresses()
  const isAllowed = (address: string) => source.allowPrivate === true || isPublic(address)
  return { name: 'the download', ...(await openUrl(source.url, { allowHttp: source.allowHttp === true, isAllowed, signal })) }
}

/** The same bytes as a stream of node. */
export async function streamOf(stream: AsyncIterable<Uint8Array>): Promise<Readable> {
  const { Readable } = await import('node:stream')
  return stream instanceof Readable ? stream : Readable.from(stream, { objectMode: false })
}

async function openFile(path: string): Promise<OpenSource> {
  const { open, constants } = await import('node:fs/promises')
  // Without O_NONBLOCK a FIFO would hold the command for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new Fault(isMissing ? 'not-found' : 'invalid', `cannot read image file ${path}: ${fileReason(error)}`, { cause: error })
  })
  const stat = await file.stat()
  if (!stat.isFile()) {
    await file.close()
    throw new Fault(
      'invalid',
      `cannot read image file ${path}: it is ${stat.isDirectory() ? 'a directory' : 'not a regular file'}`,
    )
  }
  return { name: path, stream: file.createReadStream({ highWaterMark: chunkBytes }), size: stat.size }
}
