/** The bytes behind image records: taken in once for each content, dropped with the last record that needs them. */
import { Fault } from '../../core/fault.ts'
import { dropUnusedBytes } from '../../flows/image-bytes.ts'
import type { ImageSource, ReceivedImage } from '../../image/store.ts'
import type { ImageFormat } from '../../model/image.ts'
import type { Context } from '../context.ts'

export interface Wanted {
  /** Absolute path, URL or `-`. */
  readonly source: string
  readonly name: string
  readonly checksum?: string | undefined
  readonly diskFormat?: ImageFormat | undefined
  readonly allowHttp: boolean
  readonly allowPrivate: boolean
}

/** Takes the bytes in with progress; resolves when they are complete, inspected and on the disk. */
export async function takeIn(wanted: Wanted, context: Context): Promise<ReceivedImage> {
  const { signal, settings, progress } = context
  const options = {
    signal,
    maxBytes: settings.maxImageBytes,
    onProgress: (done: number, total: number | undefined) =>
      progress({ type: 'bytes', what: `image ${wanted.name}`, done, total }),
    ...(wanted.checksum === undefined ? {} : { expectedSha256: wanted.checksum }),
    ...(wanted.diskFormat === undefined ? {} : { declaredFormat: wanted.diskFormat }),
  }
  return context.images.add(sourceOf(wanted, context), options).catch((error: unknown) => {
    throw named(error, wanted)
  })
}

/** The store knows bytes only; the user knows the image and where it came from. */
function named(error: unknown, { name, source }: Wanted): unknown {
  if (!(error instanceof Fault) || error.message.includes(source)) return error
  const { kind, hint, details } = error
  const more = { details, cause: error, ...(hint === undefined ? {} : { hint }) }
  return new Fault(kind, `image ${name} from ${source}: ${error.message}`, more)
}

function sourceOf({ source, allowHttp, allowPrivate }: Wanted, context: Context): ImageSource {
  if (/^https?:\/\//i.test(source)) return { kind: 'url', url: source, allowHttp, allowPrivate }
  if (source === '-' || source === '/dev/stdin') {
    if (!context.input) throw new Fault('unsupported', 'nothing can be read from standard input here')
    return { kind: 'stdin', stream: context.input() }
  }
  if (source.startsWith('/')) return { kind: 'file', path: source }
  throw new Fault('invalid', `source "${source}" is no absolute path, https URL or -`)
}

/** Removes the bytes of a content that no image needs any more. */
export async function dropUnused(digest: string, context: Context): Promise<void> {
  const author = { actor: context.userId, request: context.requestId, action: 'image.delete' }
  if (!context.plan) await dropUnusedBytes(context, digest, author)
}
