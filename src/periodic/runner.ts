/**
 * Runs tasks again and again, each at its own interval of the monotonic clock: a wall clock that jumps changes nothing,
 * and after a long stop a task that is due runs once, however often it would have run. A task that hangs is given up at its
 * deadline and is not begun again before it has really ended; the others go on.
 */
import { asFault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'

export interface Timed {
  readonly name: string
  /** 0 is off. */
  readonly everyMs: number
}

export interface RunnerOptions {
  /** The tasks as the settings in force have them. */
  tasks(): readonly Timed[]
  run(name: string, signal: AbortSignal): Promise<unknown>
  /** False while another process does this work. */
  isLeader(): boolean
  readonly clock: Clock
  readonly random: Pick<Random, 'bytes'>
  /** Milliseconds over which first runs are spread. */
  spreadMs(): number
  note(message: string): void
}

interface Turn {
  everyMs: number
  /** Monotonic milliseconds. */
  next: number
  isRunning: boolean
}

/** Milliseconds between two looks at what is due. */
const lookMs = 500
/** The least time that a task gets. */
const leastDeadlineMs = 60_000
/** A tenth of an interval is left to chance, so that tasks of many daemons do not meet. */
const jitter = 0.1

/** Works until `signal` aborts; resolves then. */
export async function runPeriodically(options: RunnerOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options
  const turns = new Map<string, Turn>()
  while (!signal.aborted) {
    look(options, turns, signal)
    await clock.sleep(lookMs, signal).catch(() => undefined)
  }
}

/** Begins what is due. */
export function look(options: RunnerOptions, turns: Map<string, Turn>, signal: AbortSignal): void {
  const now = options.clock.monotonic()
  const tasks = options.tasks().filter(({ everyMs }) => everyMs > 0)
  for (const name of turns.keys()) if (!tasks.some((task) => task.name === name)) turns.delete(name)
  for (const { name, everyMs } of tasks) {
    const turn = turns.get(name)
    // A new task, or another interval.
    if (turn?.everyMs !== everyMs) {
      const first = Math.min(everyMs, options.spreadMs()) * chance(options.random)
      turns.set(name, { everyMs, next: now + first, isRunning: turn?.isRunning ?? false })
      continue
    }
    if (turn.next > now || turn.isRunning) continue
    turn.next = now + everyMs * (1 + jitter * (chance(options.random) - 0.5))
    if (options.isLeader()) void begin(name, turn, options, signal)
  }
}

async function begin(name: string, turn: Turn, { clock, run, note }: RunnerOptions, signal: AbortSignal): Promise<void> {
  turn.isRunning = true
  const deadline = clock.deadline(Math.max(turn.everyMs, leastDeadlineMs))
  try {
    await run(name, AbortSignal.any([deadline, signal]))
  } catch (error) {
    if (!signal.aborted) note(`periodic task ${name}: ${asFault(error).message}`)
  } finally {
    turn.isRunning = false
  }
}

/** From 0 to 1. */
const chance = (random: Pick<Random, 'bytes'>): number => (random.bytes(1)[0] ?? 0) / 255
