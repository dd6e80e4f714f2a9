/** Brings a host's file to the controller, counted and hashed while it arrives. */
import { Fault } from '../core/fault.ts'
import type { Host } from './host.ts'

/** Writes a controller's file (mode 0600, whole or not at all) and resolves with its SHA-256. */
export type WriteLocal = (localPath: string, source: AsyncIterable<Uint8Array>) => Promise<string>

export interface Downloaded {
  /** SHA-256, hex. */
  readonly digest: string
  readonly bytes: number
}

/** Copies `remotePath` to the controller's `localPath`. `unsupported` for a process that takes no files, `conflict` when another number of bytes arrived than the file has. */
export async function download(
  host: Host,
  { remotePath, localPath }: { readonly remotePath: string; readonly localPath: string },
  onProgress: (done: number, total: number) => void = () => undefined,
  write?: WriteLocal,
): Promise<Downloaded> {
  if (!write) throw new Fault('unsupported', `this process takes no files from host ${host.name}`)
  const total = (await host.stat(remotePath))?.size
  if (total === undefined) throw new Fault('not-found', `host ${host.name} has no ${remotePath}`)
  const stream = await host.openRead(remotePath)
  let bytes = 0
  const digest = await write(localPath, counted())
  return { digest, bytes }

  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      onProgress(bytes, Math.max(bytes, total ?? 0))
      yield chunk
    }
    // Within the stream, so that a file that was cut short is never put in place.
    if (bytes !== total) throw new Fault('conflict', `${remotePath} of host ${host.name} arrived with ${bytes} of ${total} bytes`)
  }
}
