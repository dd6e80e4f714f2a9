/** One command on one channel: its output within limits, and how it ended. */
import type { ClientChannel } from 'ssh2'
import { splitPid } from './ssh-command.ts'

export interface Execution {
  readonly channel: ClientChannel
  /** Resolves with the ending; `lost` rejects it. */
  readonly ended: Promise<Ended>
  /** The command's number on the host, once it has come. */
  readonly pid: Promise<number>
}

export interface Ended {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** It printed more than the limit; it may still run. */
  readonly isTooMuch: boolean
}

/** Follows a channel to its end. At most `maxOutput` bytes of each output are held. */
export function follow(channel: ClientChannel, maxOutput: number): Execution {
  const out = collector(maxOutput)
  const err = collector(maxOutput + 64 * 1024)
  const { promise: pid, resolve: foundPid } = deferred<number>()
  const { promise: ended, resolve: end } = deferred<Ended>()
  let exitCode: number | undefined
  let signal: string | undefined
  let isPidKnown = false
  const finish = () => {
    const all = err.bytes()
    const stderr = (splitPid(all)?.rest ?? all).toString('utf8')
    const isTooMuch = out.isFull() || err.isFull()
    end({ exitCode, signal, stdout: out.bytes().toString('utf8'), stderr, isTooMuch })
  }
  const add = (target: Collector) => (bytes: Buffer) => {
    if (!target.add(bytes)) finish()
    if (target !== err || isPidKnown) return
    const found = splitPid(err.bytes())
    isPidKnown = found !== undefined || err.length() > 64 * 1024
    if (found) foundPid(found.pid)
  }
  channel.on('data', add(out))
  channel.stderr.on('data', add(err))
  channel.on('exit', (code: number | null, name?: string) => {
    exitCode = code ?? undefined
    signal = name
  })
  // A command may end without having read its input.
  channel.on('error', () => {})
  channel.on('close', finish)
  return { channel, ended, pid }
}

interface Collector {
  /** False when these bytes are beyond the limit; they are dropped. */
  add(bytes: Buffer): boolean
  bytes(): Buffer
  length(): number
  isFull(): boolean
}

function collector(limit: number): Collector {
  const chunks: Buffer[] = []
  let length = 0
  let isFull = false
  return {
    add(bytes) {
      if (isFull) return true
      isFull = length + bytes.length > limit
      if (isFull) return false
      chunks.push(bytes)
      length += bytes.length
      return true
    },
    bytes: () => Buffer.concat(chunks),
    length: () => length,
    isFull: () => isFull,
  }
}

/** A promise with its own resolve. */
export function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
