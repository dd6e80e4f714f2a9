/** Keeps one task running for each thing there is: begins it, ends it when the thing goes or changes, and begins it again after a fault. */
import { asFault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'

export interface Supervised {
  /** Another key is another task. */
  readonly key: string
  run(signal: AbortSignal): Promise<void>
}

export interface SuperviseOptions {
  /** What should be running now. */
  wanted(): Promise<readonly Supervised[]>
  readonly clock: Clock
  note(message: string): void
}

const lookMs = 1000
const restartMs = 5000

/** Works until `signal` aborts; resolves when every task has ended. */
export async function supervise({ wanted, clock, note }: SuperviseOptions, signal: AbortSignal): Promise<void> {
  const running = new Map<string, { readonly stop: AbortController; readonly ended: Promise<void> }>()

  async function keepRunning({ key, run }: Supervised, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await run(stop).catch((error: unknown) => note(`${key}: ${asFault(error).message}`))
      await clock.sleep(restartMs, stop).catch(() => undefined)
    }
  }

  while (!signal.aborted) {
    const tasks = await wanted().catch((error: unknown) => {
      note(asFault(error).message)
      return undefined
    })
    if (tasks) {
      for (const [key, { stop }] of running)
        if (!tasks.some((task) => task.key === key)) {
          stop.abort()
          running.delete(key)
        }
      for (const task of tasks) {
        if (running.has(task.key)) continue
        const stop = new AbortController()
        running.set(task.key, { stop, ended: keepRunning(task, AbortSignal.any([stop.signal, signal])) })
      }
    }
    await clock.sleep(lookMs, signal).catch(() => undefined)
  }
  await Promise.all([...running.values()].map(({ ended }) => ended))
}
