/** What a failed command says: host, command, exit code and the end of stderr, on one line of safe characters. */
import { Fault } from '../core/fault.ts'
import { debianPackage } from './debian-package.ts'
import { shown } from './quote.ts'

const maxCommand = 120
const maxReason = 400

/** `text` as one printable line: what a host sends is never trusted to be for a terminal. */
export function oneLine(text: string, max = maxReason): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is the point
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g, ' ').trim()
  return line.length > max ? `${line.slice(0, max)}…` : line
}

/** The last lines of stderr, which carry the reason. */
export function endOfStderr(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const end = lines.slice(-3).join('; ')
  return oneLine(end.length > maxReason ? `…${end.slice(-maxReason)}` : end, maxReason + 1)
}

/** The command as shown in messages. */
export const shortCommand = (argv: readonly string[]) => oneLine(shown(argv), maxCommand)

export interface Ending {
  readonly exitCode: number | undefined
  readonly signal?: string | undefined
  readonly stderr: string
}

/** A command that ended with an exit code that is no answer. */
export function exitFault(host: string, argv: readonly string[], ending: Ending): Fault {
  const how = ending.exitCode === undefined ? `was killed by ${ending.signal ?? 'a signal'}` : `exited ${ending.exitCode}`
  const reason = endOfStderr(ending.stderr)
  return new Fault('internal', `host ${host}: ${shortCommand(argv)} ${how}${reason === '' ? '' : `: ${reason}`}`, {
    details: { host, argv, exitCode: ending.exitCode ?? null, stderr: ending.stderr.slice(-4096) },
  })
}

/** A program that the host does not have. */
export function missingProgram(host: string, program: string): Fault {
  const name = debianPackage(program)
  return new Fault('unsupported', `host ${host} has no ${program}`, {
    hint: name === undefined ? `install ${program} on host ${host}` : `on host ${host}: apt-get install ${name}`,
  })
}

export const deadlineFault = (host: string, argv: readonly string[], deadlineMs: number) =>
  new Fault('timeout', `host ${host}: ${shortCommand(argv)} did not end within ${deadlineMs / 1000} s and was killed`)

export const outputFault = (host: string, argv: readonly string[], maxOutput: number) =>
  new Fault('internal', `host ${host}: ${shortCommand(argv)} printed more than ${maxOutput} bytes and was killed`)
