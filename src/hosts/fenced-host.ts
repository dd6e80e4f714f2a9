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
type Word = 'run' | 'try' | 'write' | 'mkdir' | 'remove' | 'rename' | 'unless' | 'batch'

/** `host` for the owner with `epoch` of `directory`; Fault `conflict` once a higher epoch has been there. Reads pass. */
export function fencedHost(host: Host, directory: string, epoch: number): Host {
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new Fault('internal', `${epoch} is no epoch`)
  const cut = directory.lastIndexOf('/')
  const fence = `${directory.slice(0, cut)}/.fences/${directory.slice(cut + 1)}`
  const fenced = async (operation: Word, args: readonly string[], options: RunOptions = {}): Promise<RunResult> => {
    const wait = Math.min(longestWaitSeconds, waitFor(options.deadlineMs ?? defaultDeadlineMs))
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
      const rows = operations.map((operation, index) => rowOf(operation, index === operations.length - 1))
      const words = rows.flatMap(({ word, bytes, args }) => [word, bytes, String(args.length), ...args])
      const deadlineMs = operations.reduce((sum, operation) => sum + deadlineOf(operation), 0)
      const stdin = Buffer.concat(rows.map(({ input }) => input))
      const result = await fenced('batch', words, { stdin, deadlineMs })
      const failed = Number(/^fence: operation (\d{1,6})$/m.exec(result.stderr)?.[1])
      const own = { ...result, stderr: result.stderr.replace(/^fence: (operation|skipped) \d+\n?/gm, '') }
      const [row, last] = [rows[failed], operations.at(-1)]
      const isAnswer = row === rows.at(-1) && last?.kind === 'run' && last.options.okExitCodes?.includes(result.exitCode)
      if (row !== undefined && result.exitCode !== 0 && !isAnswer) throw operationFault(host.name, row, own)
      if (result.exitCode !== 0 && !isAnswer) throw exitFault(host.name, ['batch'], own)
      const skipped = [...result.stderr.matchAll(/^fence: skipped (\d{1,6})$/gm)].map(([, place]) => Number(place))
      return { ...own, skipped }
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
    connect: async (socketPath, options = {}) => {
      if (options.effect !== 'read') await fenced('run', ['true'])
      return host.connect(socketPath, options)
    },
    listen: async (socketPath, onConnection) => {
      await fenced('run', ['true'])
      return host.listen(socketPath, onConnection)
    },
  }
}

/**
 * Seconds for the lock, a part of the operation's own deadline: what is left is for the way there and back, so that the host
 * says what was in the way before the deadline says nothing.
 */
const waitFor = (deadlineMs: number) => (deadlineMs - Math.max(deadlineMs * 0.1, Math.min(deadlineMs * 0.5, 1000))) / 1000

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

/** The answer of the last command is its caller's; of one before it only that it did not fail. */
function rowOf(operation: Operation, isLast: boolean): Row {
  switch (operation.kind) {
    case 'run': {
      const { stdin, okExitCodes = [0] } = operation.options
      quote(operation.argv)
      const input = stdin === undefined ? nothing : Buffer.from(stdin)
      const mayFail = !isLast && stdin === undefined && okExitCodes.includes(1)
      return {
        word: mayFail ? 'try' : 'run',
        bytes: stdin === undefined ? 'none' : String(input.length),
        args: operation.argv,
        input,
      }
    }
    case 'write': {
      const { path, mode, bytes: input } = operation
      return { word: 'write', bytes: 'none', args: [path, mode.toString(8), String(input.length)], input }
    }
    case 'rename':
      return { word: 'rename', bytes: 'none', args: [operation.from, operation.to], input: nothing }
    case 'unless':
      return { word: 'unless', bytes: 'none', args: [operation.path, String(operation.count)], input: nothing }
    default:
      return { word: operation.kind, bytes: 'none', args: [operation.path], input: nothing }
  }
}

function operationFault(host: string, { word, args }: Row, result: RunResult): Fault {
  const { stderr } = result
  // The command may stand behind another one that sets its limits.
  const missing =
    isCommand(word) && result.exitCode === 127 ? /([\w.+-]+): (?:not found|No such file or directory)$/m.exec(stderr) : null
  if (missing) return missingProgram(host, missing[1] ?? '')
  return exitFault(host, isCommand(word) ? args : [word, ...args], result)
}

const isCommand = (word: Word) => word === 'run' || word === 'try'
