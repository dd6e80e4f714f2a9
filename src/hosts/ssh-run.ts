/** Commands over ssh: deadline, abort, limits and the same faults as on this machine. */
import type { ClientChannel } from 'ssh2'
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { deadlineFault, exitFault, missingProgram, outputFault, shortCommand } from './command-fault.ts'
import type { RunOptions, RunResult } from './host.ts'
import { isMissing, killCommand, remoteCommand } from './ssh-command.ts'
import { type Live, openChannel, type SshConnection, unlessAborted } from './ssh-connection.ts'
import { type Ended, type Execution, follow } from './ssh-exec.ts'

const defaultDeadlineMs = 30_000
const defaultMaxOutput = 8 * 1024 * 1024
/** How long a host may take to kill a command whose deadline has passed. */
const killMs = 900

export interface SshRunOptions {
  readonly name: string
  readonly clock: Clock
  readonly connection: SshConnection
  readonly sudo: boolean
  /** Told of each command that goes to the host. */
  readonly onCommand: () => void
}

export interface SshCommand extends RunOptions {
  readonly argv: readonly string[]
  /** Gives the command its input and ends it; without it the input is `stdin`. */
  readonly feed?: (channel: ClientChannel) => void
}

export type SshRun = (command: SshCommand) => Promise<RunResult>

/** Runs commands over the host's connection. */
export function sshRunner(options: SshRunOptions): SshRun {
  return async (command) => {
    const { argv, deadlineMs = defaultDeadlineMs } = command
    const line = remoteCommand(options.name, argv, deadlineMs, options.sudo)
    if (command.signal?.aborted) throw stopped(options.name, argv, command.signal)
    const deadline = options.clock.deadline(deadlineMs)
    const signal = command.signal === undefined ? deadline : AbortSignal.any([deadline, command.signal])
    const attempt = { ...options, command, line, signal, deadline }
    try {
      return answer(options.name, command, await tried(attempt))
    } catch (error) {
      throw named(attempt, error)
    }
  }
}

interface Attempt extends SshRunOptions {
  readonly command: SshCommand
  readonly line: string
  readonly signal: AbortSignal
  readonly deadline: AbortSignal
}

/** Another connection is tried once, when the command cannot have begun or only reads. */
async function tried(attempt: Attempt): Promise<Ended> {
  const live = await attempt.connection.live(attempt.signal)
  const sent = { isSent: false }
  try {
    return await once(attempt, live, sent)
  } catch (error) {
    const mayRepeat = !sent.isSent || (attempt.command.effect === 'read' && attempt.command.feed === undefined)
    if (!live.lost.aborted || attempt.signal.aborted || !mayRepeat) throw error
    return once(attempt, await attempt.connection.live(attempt.signal), sent)
  }
}

function once(attempt: Attempt, live: Live, sent: { isSent: boolean }): Promise<Ended> {
  const { command, clock, line, signal } = attempt
  const maxOutput = command.maxOutput ?? defaultMaxOutput
  return live.slot(signal, async () => {
    sent.isSent = true
    attempt.onCommand()
    const attach = (channel: ClientChannel) => follow(channel, maxOutput)
    const abandon = (late: Execution) => void kill(attempt, live, late)
    const execution = await openChannel({ live, clock, command: line, signal, attach, abandon })
    if (command.feed) command.feed(execution.channel)
    else execution.channel.end(command.stdin === undefined ? undefined : Buffer.from(command.stdin))
    const ended = await finished(attempt, live, execution)
    if (ended.isTooMuch) await kill(attempt, live, execution)
    return ended
  })
}

async function finished(attempt: Attempt, live: Live, execution: Execution): Promise<Ended> {
  try {
    const ended = await unlessAborted(execution.ended, AbortSignal.any([attempt.signal, live.lost]))
    // The channels of a connection that breaks all close; only then does the connection say why.
    const isOpen = ended.exitCode === undefined && ended.signal === undefined && !ended.isTooMuch
    if (isOpen) await unlessAborted(turn(attempt.clock), live.lost)
    return ended
  } catch (error) {
    if (!live.lost.aborted && !(await kill(attempt, live, execution))) throw silent(attempt, error)
    throw error
  }
}

const turn = (clock: Clock) => clock.sleep(20)

/** Ends the command and everything that it started. False when the host did not answer in time: the connection is retired. */
async function kill({ clock, sudo }: Attempt, live: Live, { channel, pid }: Execution): Promise<boolean> {
  const patience = AbortSignal.any([clock.deadline(killMs), live.lost])
  try {
    const command = killCommand(await unlessAborted(pid, patience), sudo)
    const attach = (killer: ClientChannel) => {
      killer.end()
      return follow(killer, 4096)
    }
    // Beside the four slots: the commands that fill them may be those to be killed.
    const killer = await openChannel({ live, clock, command, signal: patience, attach })
    await unlessAborted(killer.ended, patience)
    return true
  } catch {
    live.retire()
    return false
  } finally {
    channel.close()
  }
}

/** A host that did not even answer the kill. */
function silent({ name, command, deadline }: Attempt, error: unknown): unknown {
  if (!deadline.aborted) return error
  const work = shortCommand(command.argv)
  return new Fault('unreachable', `host ${name} stopped answering while ${work} ran; what it did is not known`, { cause: error })
}

function answer(host: string, { argv, okExitCodes = [0], maxOutput = defaultMaxOutput }: SshCommand, ended: Ended): RunResult {
  const { exitCode, signal, stdout, stderr, isTooMuch } = ended
  if (isTooMuch) throw outputFault(host, argv, maxOutput)
  if (exitCode !== undefined && okExitCodes.includes(exitCode)) return { stdout, stderr, exitCode }
  if (isMissing(exitCode, stderr)) throw missingProgram(host, argv[0] ?? '')
  if (exitCode === undefined && signal === undefined)
    throw new Fault('internal', `host ${host}: ${shortCommand(argv)} ended without an exit code; what it did is not known`)
  throw exitFault(host, argv, { exitCode, signal, stderr })
}

/** What went wrong, naming the command where the connection's own fault does not. */
function named({ name, command, deadline, connection: _, deadline: __, signal }: Attempt, error: unknown): unknown {
  const { argv, deadlineMs = defaultDeadlineMs } = command
  if (error instanceof Fault && error.kind !== 'timeout') return withCommand(error, argv)
  if (command.signal?.aborted) return stopped(name, argv, command.signal)
  if (deadline.aborted || signal.aborted) return deadlineFault(name, argv, deadlineMs)
  if (error instanceof Fault) return error
  const why = error instanceof Error ? error.message : String(error)
  return new Fault('unreachable', `host ${name}: ${shortCommand(argv)} could not be started: ${why}`, { cause: error })
}

function withCommand(error: Fault, argv: readonly string[]): Fault {
  if (error.kind !== 'unreachable' || !error.message.includes('connection was lost')) return error
  const message = `${error.message}; ${shortCommand(argv)} ran, what it did is not known`
  return new Fault('unreachable', message, { cause: error })
}

function stopped(host: string, argv: readonly string[], signal: AbortSignal): Fault {
  if (signal.reason instanceof Fault) return signal.reason
  return new Fault('timeout', `host ${host}: ${shortCommand(argv)} was stopped`, { cause: signal.reason })
}
