/** Files of an ssh host as streams: read from the beginning, or written whole while they arrive. */

import type { Readable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { fileFault } from './file-fault.ts'
import { remoteCommand, splitPid } from './ssh-command.ts'
import { openChannel, type SshConnection } from './ssh-connection.ts'
import { remoteFileFault } from './ssh-file-fault.ts'
import { withoutScript } from './ssh-files.ts'
import type { SshRun } from './ssh-run.ts'
import { renameScript, streamScript } from './ssh-scripts.ts'
import { drained } from './ssh-upload.ts'

const streamMs = 24 * 3600 * 1000
const anyFailure = Array.from({ length: 126 }, (_, code) => code)

export interface ReadOptions {
  readonly name: string
  readonly clock: Clock
  readonly connection: SshConnection
  readonly sudo: boolean
  readonly onCommand: () => void
}

/** The bytes of `path`; the stream fails when they end early. An `internal` fault when it is not there. */
export async function openRemote(
  options: ReadOptions,
  stat: (path: string) => Promise<unknown>,
  path: string,
): Promise<Readable> {
  const { name, clock, connection, sudo, onCommand } = options
  if ((await stat(path)) === undefined) throw remoteFileFault(name, `read ${path}`, 'cat: x: No such file or directory')
  const signal = clock.deadline(streamMs)
  const live = await connection.live(signal)
  const { PassThrough } = await import('node:stream')
  const command = remoteCommand(name, ['cat', '--', path], streamMs, sudo)
  const out = new PassThrough({ highWaterMark: 1024 * 1024 })
  // It holds one of the host's channels until it was read to its end.
  const reading = live.slot(signal, async () => {
    onCommand()
    const attach = (channel: ClientChannel) => {
      out.once('close', () => channel.close())
      return { arrived: piped(name, path, channel, out) }
    }
    const { arrived } = await openChannel({ live, clock, command, signal, attach })
    await arrived
  })
  reading.then(
    () => out.end(),
    (error: unknown) => out.destroy(error instanceof Error ? error : new Error(String(error))),
  )
  return out
}

/** Resolves when all bytes have come and the command says that they are all. */
function piped(name: string, path: string, channel: ClientChannel, out: Readable & NodeJS.WritableStream): Promise<void> {
  let exitCode: number | null | undefined
  const said: Buffer[] = []
  channel.stderr.on('data', (bytes: Buffer) => void (said.length < 64 && said.push(bytes)))
  channel.on('exit', (code: number | null) => {
    exitCode = code
  })
  channel.end()
  channel.pipe(out, { end: false })
  return new Promise((resolve, reject) => {
    channel.on('close', () => {
      const stderr = Buffer.concat(said)
      if (exitCode === 0) resolve()
      else if (exitCode === undefined)
        reject(new Fault('unreachable', `host ${name}: the connection was lost while ${path} was read`))
      else reject(remoteFileFault(name, `read ${path}`, (splitPid(stderr)?.rest ?? stderr).toString('utf8')))
    })
  })
}

/**
 * Writes `path` and resolves with the SHA-256 of what arrived. How long it is nobody knows before its end, so a cut
 * connection could look like one: the file gets its name by a second command, after the digests were compared.
 */
export async function writeRemote(host: string, run: SshRun, path: string, source: AsyncIterable<Uint8Array>): Promise<string> {
  const attempt = `write ${path}`
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256')
  let failure: unknown
  const feed = (channel: ClientChannel) => {
    send(channel, source, (bytes) => hash.update(bytes)).catch((error: unknown) => {
      failure = error
      channel.end()
    })
  }
  const command = async (argv: readonly string[], more: { feed?: typeof feed; deadlineMs?: number } = {}) => {
    const result = await run({ argv, okExitCodes: anyFailure, ...more }).catch((error: unknown) => {
      throw withoutScript(host, attempt, error)
    })
    if (failure === undefined && result.exitCode !== 0) throw remoteFileFault(host, attempt, result.stderr)
    return result.stdout
  }
  const printed = await command(['sh', '-c', streamScript, 'stream', path], { feed, deadlineMs: streamMs })
  const [digest = '', arrived = ''] = printed.trimEnd().split('\n')
  const isWhole = failure === undefined && digest === hash.digest('hex')
  if (isWhole) await command(['sh', '-c', renameScript, 'rename', arrived, path])
  else if (arrived !== '') await run({ argv: ['rm', '-f', '--', arrived] })
  if (failure !== undefined) throw fileFault(host, attempt, failure)
  if (!isWhole) throw new Fault('internal', `host ${host}: cannot ${attempt}: SHA-256 ${digest} arrived, another was sent`)
  return digest
}

async function send(
  channel: ClientChannel,
  source: AsyncIterable<Uint8Array>,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  for await (const bytes of source) {
    if (channel.destroyed || !channel.writable) return
    onBytes(bytes)
    // The channel keeps the bytes until they are sent, and a source may use its buffer again.
    if (!channel.write(Buffer.from(bytes))) await drained(channel)
  }
  channel.end()
}
