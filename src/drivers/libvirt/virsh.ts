/**
 * The one owner of virsh. Several commands go through one process, because its start and its connection take most of the
 * time. Their words are constants of the program and checked ids, so that nothing can become a command of its own.
 */
import { Fault } from '../../core/fault.ts'
import { runAfter } from '../../hosts/batch.ts'
import { missingProgram } from '../../hosts/command-fault.ts'
import type { Host, RunOptions } from '../../hosts/host.ts'
import type { DriverContext } from '../driver-context.ts'
import { virshFault } from './virsh-fault.ts'

/** One command of virsh with its words. */
export type VirshCommand = readonly [string, ...string[]]

export interface VirshOptions extends Pick<RunOptions, 'effect' | 'deadlineMs' | 'stdin'> {
  /** Where the command's files are. */
  readonly directory?: string
  /** A refusal that is an answer, not a fault. */
  readonly isAnswer?: RegExp
  /** Changes that the commands need, done in the same round trip where the host can do that. */
  readonly before?: (host: Host) => Promise<void>
}

export interface VirshAnswer {
  /** What the commands printed, one part a command for reads, all of it in one for writes. */
  readonly parts: readonly string[]
  /** Refusals that `isAnswer` allows. */
  readonly refusals: readonly string[]
}

const uri = 'qemu:///system'
const maxOutput = 8 * 1024 * 1024
// Messages and words of states are translated, and the password of a guest must not become history.
const environment = ['env', 'LC_ALL=C', 'XDG_CACHE_HOME=/dev/null', 'VIRSH_HISTSIZE=0']

/** Runs the commands in order. A refusal is a fault with virsh's words, those after it run all the same. */
export async function virsh(
  context: DriverContext,
  commands: readonly VirshCommand[],
  options: VirshOptions = {},
): Promise<VirshAnswer> {
  const { effect, directory } = options
  const separator = context.random.uuid()
  const between = effect === 'read' ? `; echo ${separator}; ` : '; '
  const enter = directory === undefined ? [] : ['-C', directory]
  const [env = 'env', ...variables] = environment
  const argv = [env, ...enter, ...variables, 'virsh', '-q', '-c', uri, lineOf(commands, between)]
  const { stdout, stderr } = await run(context, argv, options)
  const refusals = refusalsOf(stderr)
  const isFault = refusals.length > 0 && !options.isAnswer?.test(refusals.join('; '))
  if (isFault) throw virshFault(context.host.name, refusals)
  return { parts: effect === 'read' ? stdout.split(separator) : [stdout], refusals }
}

/** The argv of one command, for those who run it in their own way. */
export const virshArgv = (command: VirshCommand): string[] => [...environment, 'virsh', '-q', '-c', uri, lineOf([command], '')]

const lineOf = (commands: readonly VirshCommand[], between: string): string =>
  commands.map((command) => command.map(checkedWord).join(' ')).join(between)

/**
 * One command that reads `text` as the file /dev/stdin, and what it prints. The pipe is made on the host: over ssh standard
 * input is a socket, which cannot be opened by its name.
 */
export async function virshReading(context: DriverContext, words: readonly string[], text: string): Promise<string> {
  const argv = ['sh', '-c', 'cat | "$@"', 'sh', ...environment, 'virsh', '-q', '-c', uri, ...words]
  const { stdout, stderr } = await run(context, argv, { stdin: text, effect: 'read' })
  const refusals = refusalsOf(stderr)
  if (refusals.length > 0) throw virshFault(context.host.name, refusals)
  return stdout
}

/** Runs one line that holds a secret: it goes by standard input and what comes back is never part of a fault. */
export async function virshSecretly(context: DriverContext, line: string, deadlineMs: number): Promise<VirshAnswer> {
  const argv = [...environment, 'virsh', '-q', '-c', uri]
  const { stdout, stderr } = await run(context, argv, { stdin: `${line}\n`, deadlineMs })
  return { parts: [stdout], refusals: refusalsOf(stderr).filter((words) => !words.includes('/dev/null/libvirt')) }
}

async function run(context: DriverContext, argv: readonly string[], options: VirshOptions) {
  const { effect, deadlineMs, stdin, before } = options
  const how = { effect, deadlineMs, stdin, maxOutput, okExitCodes: [0, 1, 127] }
  const result = await (before ? runAfter(context.host, before, argv, how) : context.host.run(argv, how))
  // env answers 127 for a program that is not there.
  if (result.exitCode === 127) throw missingProgram(context.host.name, 'virsh')
  if (result.exitCode !== 0 && refusalsOf(result.stderr).length === 0) {
    throw virshFault(context.host.name, [result.stderr.trim().slice(-500) || 'it ended with 1 and said nothing'])
  }
  return result
}

/** The lines of virsh after `error:`. */
export const refusalsOf = (stderr: string): string[] => [...stderr.matchAll(/^error: (.*)$/gm)].map(([, words = '']) => words)

/** Also paths and addresses of sockets; nothing that quotes, separates or ends. */
function checkedWord(word: string): string {
  if (/^(--)?[A-Za-z0-9/][A-Za-z0-9._/:?=,+-]*$/.test(word)) return word
  throw new Fault('internal', `${JSON.stringify(word.slice(0, 64))} cannot be a word of a virsh command`)
}
