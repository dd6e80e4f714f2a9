/** Streams a controller's file to an ssh host, which says its SHA-256 there: that is compared with the image's record. */
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
        // The host throws away what is shorter than it was told.
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

/** Writes the file, no faster than the host takes it. Its digest is that of what arrived: two would be computed one after another. */
async function send({ file, size, channel, onProgress }: Sending): Promise<void> {
  const free = Array.from({ length: mostQueued + 1 }, () => Buffer.allocUnsafeSlow(chunkBytes))
  let done = 0
  while (done < size && !channel.destroyed && channel.writable) {
    const chunk = free.pop()
    // `drain` would come when nothing is left to send, and the line would stand still until the next chunk.
    if (chunk === undefined) {
      await oneSent(channel)
      continue
    }
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunkBytes, size - done), done)
    if (bytesRead === 0) throw new Error(`it became shorter than ${size} bytes while it was sent`)
    done += bytesRead
    // The library has encrypted a chunk before it says that it is written.
    channel.write(chunk.subarray(0, bytesRead), () => {
      free.push(chunk)
      channel.emit(sentEvent)
    })
    onProgress?.(done, size)
  }
  channel.end()
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
