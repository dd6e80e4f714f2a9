/** This machine as a host: argv through execa, never a shell; the process group dies with the deadline. */

import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { deadlineFault, exitFault, missingProgram, outputFault, shortCommand } from './command-fault.ts'
import type { Host, RunOptions, RunResult } from './host.ts'
import { localFiles } from './local-files.ts'
import { listenSocket } from './local-listen.ts'
import { connectSocket } from './local-socket.ts'
import { openLocal, writeLocal } from './local-stream.ts'
import { localUpload } from './local-upload.ts'
import { quote } from './quote.ts'

const defaultDeadlineMs = 30_000
const defaultMaxOutput = 8 * 1024 * 1024
/** Users' PATH often lacks the administrator's programs. */
const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface LocalHostOptions {
  readonly name: string
  readonly clock: Clock
}

/** A host whose commands run on this machine. */
export function localHost({ name, clock }: LocalHostOptions): Host {
  return {
    name,
    planning: false,
    run: (argv, options = {}) => run(name, clock, argv, options),
    ...localFiles(name),
    upload: (localPath, remotePath, onProgress) => localUpload(name, localPath, remotePath, onProgress),
    openRead: (path) => openLocal(name, path),
    writeStream: (path, source) => writeLocal(name, path, source),
    connect: (socketPath) => connectSocket(name, socketPath),
    listen: (socketPath, onConnection) => listenSocket(name, socketPath, onConnection),
    close: async () => {},
  }
}

async function run(host: string, clock: Clock, argv: readonly string[], options: RunOptions): Promise<RunResult> {
  quote(argv)
  if (options.signal?.aborted) throw stopped(host, argv, options.signal)
  const deadlineMs = options.deadlineMs ?? defaultDeadlineMs
  const maxOutput = options.maxOutput ?? defaultMaxOutput
  const child = await start(argv, options.stdin, maxOutput)
  const ended = killGroupOn(child.pid, [clock.deadline(deadlineMs), options.signal])
  const result = await child.result
  const abortedBy = ended()
  if (abortedBy !== undefined) {
    throw abortedBy === options.signal ? stopped(host, argv, abortedBy) : deadlineFault(host, argv, deadlineMs)
  }
  if (result.code === 'ENOENT') throw missingProgram(host, argv[0] ?? '')
  if (result.isMaxBuffer) throw outputFault(host, argv, maxOutput)
  return answer(host, argv, options.okExitCodes ?? [0], result)
}

function answer(host: string, argv: readonly string[], okExitCodes: readonly number[], result: Ended): RunResult {
  const { exitCode, signal, stdout, stderr } = result
  if (exitCode !== undefined && okExitCodes.includes(exitCode)) return { stdout, stderr, exitCode }
  if (exitCode === undefined && result.code !== undefined) {
    throw new Fault('internal', `host ${host}: cannot start ${shortCommand(argv)}: ${result.code}`)
  }
  throw exitFault(host, argv, { exitCode, signal, stderr })
}

interface Ended {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly code: string | undefined
  readonly isMaxBuffer: boolean
  readonly stdout: string
  readonly stderr: string
}

async function start(argv: readonly string[], stdin: string | Uint8Array | undefined, maxBuffer: number) {
  const { execa } = await import('execa')
  const [file = '', ...rest] = argv
  // Spawning is synchronous, so no other code of ours sees the narrow mask.
  const mask = process.umask(0o077)
  try {
    const child = execa(file, rest, {
      reject: false,
      detached: true,
      cleanup: false,
      encoding: 'buffer',
      stripFinalNewline: false,
      maxBuffer,
      cwd: '/',
      env: { LC_ALL: 'C', PATH: `${process.env.PATH ?? ''}:${systemPath}`.replace(/^:/, '') },
      ...(stdin === undefined ? { stdin: 'ignore' as const } : { input: stdin }),
    })
    return { pid: child.pid, result: child.then(asEnded) }
  } finally {
    process.umask(mask)
  }
}

interface ExecaResult {
  readonly exitCode?: number
  readonly signal?: string
  readonly code?: string
  readonly isMaxBuffer: boolean
  readonly stdout: Uint8Array
  readonly stderr: Uint8Array
}

/** execa's result without the parts that nobody here needs; what never started has no output at all. */
function asEnded(result: ExecaResult): Ended {
  const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? '' : Buffer.from(bytes).toString('utf8'))
  const { exitCode, signal, code, isMaxBuffer } = result
  return { exitCode, signal, code, isMaxBuffer, stdout: text(result.stdout), stderr: text(result.stderr) }
}

/** Kills the whole process group when one of the signals aborts; the returned function disarms it and says which one did. */
function killGroupOn(pid: number | undefined, signals: readonly (AbortSignal | undefined)[]): () => AbortSignal | undefined {
  const armed = signals.filter((signal) => signal !== undefined)
  let by: AbortSignal | undefined
  const kill = () => {
    by ??= armed.find((signal) => signal.aborted)
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // The group has ended by itself.
    }
  }
  if (armed.some((signal) => signal.aborted)) kill()
  for (const signal of armed) signal.addEventListener('abort', kill)
  return () => {
    for (const signal of armed) signal.removeEventListener('abort', kill)
    return by
  }
}

function stopped(host: string, argv: readonly string[], signal: AbortSignal): Fault {
  if (signal.reason instanceof Fault) return signal.reason
  return new Fault('timeout', `host ${host}: ${shortCommand(argv)} was stopped`, { cause: signal.reason })
}
