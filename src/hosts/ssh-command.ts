/** The one line that a login shell gets: a constant script with the command's words as its parameters. */
import { Fault } from '../core/fault.ts'
import { shortCommand } from './command-fault.ts'
import { quote } from './quote.ts'

/** The kernel takes at most 128 KiB for one word, and the whole line is one word to the login shell. */
const longestLine = 120 * 1024
/** How much later than ours the host's own deadline is; it ends what a lost connection left running. */
const graceSeconds = 5

/**
 * Parameters: seconds, command. Its number comes first on stderr, so that its process group can be killed;
 * `timeout` makes it a group of its own and ends it when nobody is there any more to do so.
 */
const script = `umask 077
cd /
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
printf 'nova-pid %s\\n' "$$" >&2
limit=$1
shift
exec timeout -s KILL "$limit" "$@"
`

/** The line for a command. Fault `invalid` for an empty command, a NUL, or more than the host's kernel takes. */
export function remoteCommand(host: string, argv: readonly string[], deadlineMs: number, sudo: boolean): string {
  const limit = String(Math.ceil(deadlineMs / 1000) + graceSeconds)
  quote(argv)
  const line = `exec ${quote([...privilege(sudo), 'sh', '-c', script, 'nova', limit, ...argv])}`
  const length = Buffer.byteLength(line)
  if (length <= longestLine) return line
  throw new Fault('invalid', `host ${host}: ${shortCommand(argv)} has ${length} bytes, a host takes at most ${longestLine}`)
}

/** Kills the process group of a command. */
export const killCommand = (pid: number, sudo: boolean): string =>
  quote([...privilege(sudo), 'sh', '-c', 'kill -s KILL -- "-$1"', 'nova', String(pid)])

const privilege = (sudo: boolean) => (sudo ? ['sudo', '-n', '--'] : [])

const pidLine = /(?:^|\n)nova-pid (\d{1,10})\n/

/** The number of the command and the stderr after it; undefined while it has not come. What a login shell said before is dropped. */
export function splitPid(stderr: Buffer): { readonly pid: number; readonly rest: Buffer } | undefined {
  const found = pidLine.exec(stderr.subarray(0, 64 * 1024).toString('latin1'))
  if (found?.[1] === undefined) return undefined
  return { pid: Number(found[1]), rest: stderr.subarray(found.index + found[0].length) }
}

/** Whether a command ended with 127 because the host has no such program; its own script's 127 is something else. */
export const isMissing = (exitCode: number | undefined, stderr: string): boolean =>
  exitCode === 127 && /^timeout: .*(No such file or directory|not found)$/m.test(stderr)
