/** Sends a file of the client's machine in parts, so that a call can name it. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Fault } from '../core/fault.ts'
import type { ProgressEvent } from '../core/ports.ts'

interface Sending {
  readonly file: string
  call(method: string, params: object): Promise<unknown>
  readonly progress: (event: ProgressEvent) => void
}

/** Uploads `file` and resolves with the source to name, `upload:ID`. Faults: `not-found`, and those of the daemon. */
export async function sendFile({ file, call, progress }: Sending): Promise<string> {
  const total = await sizeOf(file)
  const begun = Object(await call('upload.begin', {}))
  const upload = String(begun.upload)
  let offset = 0
  for await (const chunk of createReadStream(file, { highWaterMark: Number(begun.partBytes) })) {
    const bytes = Buffer.from(chunk)
    await call('upload.append', { upload, offset, data: bytes.toString('base64') })
    offset += bytes.length
    progress({ type: 'bytes', what: `upload of ${file}`, done: offset, total })
  }
  return `upload:${upload}`
}

async function sizeOf(file: string): Promise<number | undefined> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new Fault('not-found', `cannot read image file ${file}`, { cause })
  })
  if (found.isDirectory()) throw new Fault('invalid', `cannot read image file ${file}: it is a directory`)
  return found.isFile() ? found.size : undefined
}
