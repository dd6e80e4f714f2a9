/** Streams a controller's file to an ssh host; its SHA-256 is checked there before the file gets its name. */
import type { FileHandle } from 'node:fs/promises'
import type { ClientChannel } from 'ssh2'
import { fileFault } from './file-fault.ts'
import { files } from './local-files.ts'
import { remoteFileFault } from './ssh-file-fault.ts'
import { withoutScript } from './ssh-files.ts'
import type { SshRun } from './ssh-run.ts'
import { uploadScript } from './ssh-scripts.ts'

const chunkBytes = 1024 * 1024
const mostQueued = 4
const sentEvent = 'nova-chunk-sent'
/** A day: an image may be large and a line slow; a dead connection is noticed by its keepalive. */
const deadlineMs = 24 * 3600 * 1000
const anyFailure = Array.from({ length: 126 }, (_, code) => code)

export interface SshUpload {
  readonly host: string
  readonly run: SshRun
  readonly source: string
  readonly target: string
  readonly onProgress: ((done: number, total: number) => void) | undefined
}

/** Copies `source` to `target` (mode 0400, atomic) and resolves with the SHA-256 that arrived. */
export async function sshUpload({ host, run, source, target, onProgress }: SshUpload): Promise<string> {
  const attempt = `upload ${source} to ${target}`
  const file = await open(host, source, attempt)
  try {
    const { size } = await file.stat()
    let failure: unknown
    const feed = (channel: ClientChannel) => {
      send({ file, size, channel, onProgress }).catch((error: unknown) => {
        failure = fileFault(host, attempt, error)
        // Without the digest at its end the host throws away what it has.
        channel.end()
      })
    }
    const argv = ['sh', '-c', uploadScript, 'upload', target, String(size)]
    const { exitCode, stdout, stderr } = await run({ argv, feed, deadlineMs, okExitCodes: anyFailure }).catch(
      (error: unknown) => {
        throw withoutScript(host, attempt, error)
      },
    )
    if (failure !== undefined) throw failure
    if (exitCode !== 0) throw remoteFileFault(host, attempt, stderr)
    return stdout.trim()
  } finally {
    await file.close()
  }
}

async function open(host: string, source: string, attempt: string): Promise<FileHandle> {
  try {
    return await (await files()).open(source, 'r')
  } catch (error) {
    throw fileFault(host, attempt, error)
  }
}

interface Sending {
  readonly file: FileHandle
  readonly size: number
  readonly channel: ClientChannel
  readonly onProgress: SshUpload['onProgress']
}

/** Writes the file and its digest, no faster than the host takes them. */
async function send({ file, size, channel, onProgress }: Sending): Promise<void> {
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  let done = 0
  let queued = 0
  // Read while the one before is sent. A new buffer for each: the channel keeps it until it is sent.
  const read = (position: number) => readChunk(file, Math.min(chunkBytes, size - position), position)
  let next = read(0)
  while (done < size && !channel.destroyed && channel.writable) {
    const bytes = await next
    if (bytes.length === 0) throw new Error(`it became shorter than ${size} bytes while it was sent`)
    done += bytes.length
    next = read(done)
    next.catch(() => {})
    queued += 1
    channel.write(bytes, () => {
      queued -= 1
      channel.emit(sentEvent)
    })
    hash.update(bytes)
    // `drain` would come when nothing is left to send, and the line would stand still until the next chunk.
    if (queued >= mostQueued) await oneSent(channel)
    onProgress?.(done, size)
  }
  channel.end(`${hash.digest('hex')}\n`)
}

async function readChunk(file: FileHandle, length: number, position: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(length)
  const { bytesRead } = await file.read(chunk, 0, length, position)
  return chunk.subarray(0, bytesRead)
}

/** Resolves when the channel takes more, or has closed. */
export const drained = (channel: ClientChannel) => heard(channel, 'drain')
const oneSent = (channel: ClientChannel) => heard(channel, sentEvent)

function heard(channel: ClientChannel, event: string): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      channel.removeListener(event, done)
      channel.removeListener('close', done)
      resolve()
    }
    channel.once(event, done)
    channel.once('close', done)
  })
}
