/**
 * A host on which only the newest owner of a directory can change anything. There is no agent: one constant script takes a
 * kernel lock, compares the caller's epoch with the newest one seen, and only then does the operation, all on the host.
 * Lock and epoch live beside the directory (`../.fences/<name>`), so that they outlast its removal.
 */
import { Fault } from '../core/fault.ts'
import { exitFault, missingProgram, shortCommand } from './command-fault.ts'
import { fenceBusy, fencedOut, fenceScript } from './fence-script.ts'
import type { Host, Operation, RunOptions, RunResult } from './host.ts'
import { quote } from './quote.ts'

const longestWaitSeconds = 30
const defaultDeadlineMs = 30_000
const everyExitCode = Array.from({ length: 256 }, (_, code) => code)
type Word = 'run' | 'write' | 'mkdir' | 'remove' | 'rename' | 'batch'

/** `host` for the owner with `epoch` of `directory`; Fault `conflict` once a higher epoch has been there. Reads pass. */
export function fencedHost(host: Host, directory: string, epoch: number): Host {
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new Fault('internal', `${epoch} is no epoch`)
  const cut = directory.lastIndexOf('/')
  const fence = `${directory.slice(0, cut)}/.fences/${directory.slice(cut + 1)}`
  const fenced = async (operation: Word, args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
    // The wait for the lock is a part of the operation's own deadline.
    const wait = Math.min(longestWaitSeconds, ((options.deadlineMs ?? defaultDeadlineMs) * 0.9) / 1000)
    const argv = ['sh', '-c', fenceScript, 'fence', fence, String(epoch), String(wait), operation, ...args]
    const result = await host.run(argv, { ...options, okExitCodes: everyExitCode }).catch((error: unknown) => {
      throw withoutScript(error, shortCommand(argv), shortCommand(operation === 'run' ? args : [operation, ...args]))
    })
    refuse({ host: host.name, directory, epoch, wait }, result)
    return result
  }
  const change = async (operation: Word, args: readonly string[], options: RunOptions = {}) => {
    const result = await fenced(operation, args, options)
    if (result.exitCode !== 0) throw exitFault(host.name, [operation, ...args], result)
  }
  return {
    ...host,
    run: async (argv, options = {}) => {
      if (options.effect === 'read') return host.run(argv, options)
      quote(argv)
      return answer(host.name, argv, options, await fenced('run', argv, options))
    },
    writeFile: (path, data, options = {}) => {
      const mode = (options.mode ?? 0o600).toString(8)
      return change('write', [path, mode, String(Buffer.byteLength(data))], { stdin: data })
    },
    batch: async (operations) => {
      const rows = operations.map(rowOf)
      const words = rows.flatMap(({ word, bytes, args }) => [word, bytes, String(args.length), ...args])
      const deadlineMs = operations.reduce((sum, operation) => sum + deadlineOf(operation), 0)
      const stdin = Buffer.concat(rows.map(({ input }) => input))
      const result = await fenced('batch', words, { stdin, deadlineMs })
      const row = rows[Number(/^fence: operation (\d{1,6})$/m.exec(result.stderr)?.[1])]
      if (row !== undefined && result.exitCode !== 0) throw operationFault(host.name, row, result)
      if (result.exitCode !== 0) throw exitFault(host.name, ['batch'], result)
    },
    mkdir: (path) => change('mkdir', [path]),
    remove: (path) => change('remove', [path]),
    rename: (from, to) => change('rename', [from, to]),
    upload: async (localPath, remotePath, onProgress) => {
      const arriving = `${remotePath}.${epoch}.upload`
      try {
        const digest = await host.upload(localPath, arriving, onProgress)
        await change('rename', [arriving, remotePath])
        return digest
      } catch (error) {
        await host.remove(arriving)
        throw error
      }
    },
    writeStream: async (path, source) => {
      const arriving = `${path}.${epoch}.upload`
      try {
        const digest = await host.writeStream(arriving, source)
        await change('rename', [arriving, path])
        return digest
      } catch (error) {
        await host.remove(arriving)
        throw error
      }
    },
    // What is said over a socket can change a guest as much as a command can.
    connect: async (socketPath) => {
      await fenced('run', ['true'])
      return host.connect(socketPath)
    },
    listen: async (socketPath, onConnection) => {
      await fenced('run', ['true'])
      return host.listen(socketPath, onConnection)
    },
  }
}

interface Fence {
  readonly host: string
  readonly directory: string
  readonly epoch: number
  readonly wait: number
}

function refuse({ host, directory, epoch, wait }: Fence, { exitCode, stderr }: RunResult): void {
  const newest = exitCode === fencedOut ? /^fence: epoch (\d+) was here$/m.exec(stderr)?.[1] : undefined
  if (newest !== undefined) {
    const message = `a newer operation took over ${directory} on host ${host}: this one has epoch ${epoch}, the newest is ${newest}`
    throw new Fault('conflict', message, { details: { host, directory, epoch, newest: Number(newest) } })
  }
  if (exitCode === fenceBusy && /^fence: busy$/m.test(stderr)) {
    throw new Fault('timeout', `another operation on ${directory} of host ${host} did not end within ${wait} s`)
  }
}

/** The same fault, naming the operation where it named our script. */
function withoutScript(error: unknown, script: string, operation: string): unknown {
  if (!(error instanceof Fault)) return error
  const { kind, message, hint, details } = error
  return new Fault(
    kind,
    message.replace(script, () => operation),
    { hint, details, cause: error },
  )
}

function answer(host: string, argv: readonly string[], options: RunOptions, result: RunResult): RunResult {
  if ((options.okExitCodes ?? [0]).includes(result.exitCode)) return result
  if (result.exitCode === 127 && /not found|No such file/.test(result.stderr)) throw missingProgram(host, argv[0] ?? '')
  throw exitFault(host, argv, result)
}

interface Row {
  readonly word: Word
  /** How much of the standard input is its own. */
  readonly bytes: string
  readonly args: readonly string[]
  readonly input: Uint8Array
}

const deadlineOf = (operation: Operation): number =>
  (operation.kind === 'run' ? operation.options.deadlineMs : undefined) ?? defaultDeadlineMs

const nothing = new Uint8Array(0)

function rowOf(operation: Operation): Row {
  switch (operation.kind) {
    case 'run': {
      const { stdin } = operation.options
      quote(operation.argv)
      const input = stdin === undefined ? nothing : Buffer.from(stdin)
      return { word: 'run', bytes: stdin === undefined ? 'none' : String(input.length), args: operation.argv, input }
    }
    case 'write': {
      const { path, mode, bytes: input } = operation
      return { word: 'write', bytes: 'none', args: [path, mode.toString(8), String(input.length)], input }
    }
    case 'rename':
      return { word: 'rename', bytes: 'none', args: [operation.from, operation.to], input: nothing }
    default:
      return { word: operation.kind, bytes: 'none', args: [operation.path], input: nothing }
  }
}

function operationFault(host: string, { word, args }: Row, result: RunResult): Fault {
  const stderr = result.stderr.replace(/^fence: operation \d+\n?/m, '')
  // The command may stand behind another one that sets its limits.
  const missing =
    word === 'run' && result.exitCode === 127 ? /([\w.+-]+): (?:not found|No such file or directory)$/m.exec(stderr) : null
  if (missing) return missingProgram(host, missing[1] ?? '')
  return exitFault(host, word === 'run' ? args : [word, ...args], { ...result, stderr })
}
