/** Fetches the bytes of an image in parts. */
import type { ProgressEvent } from '../core/ports.ts'

interface Fetching {
  readonly image: string
  /** Bytes that are to be expected, for the progress. */
  readonly total: number | undefined
  call(method: string, params: object): Promise<unknown>
  write(chunk: Uint8Array): Promise<void>
  readonly progress: (event: ProgressEvent) => void
}

/** Resolves when every byte was written and the daemon has found them right. */
export async function fetchImage({ image, total, call, write, progress }: Fetching): Promise<void> {
  const { download } = Object(await call('download.begin', { image }))
  for (let offset = 0; ; ) {
    const { data, isLast } = Object(await call('download.read', { download, offset }))
    if (isLast === true) return
    const bytes = Buffer.from(String(data), 'base64')
    await write(bytes)
    offset += bytes.length
    progress({ type: 'bytes', what: `download of ${image}`, done: offset, total })
  }
}
