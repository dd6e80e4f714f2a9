/** Follows the guests of one host: what ends by itself is recorded within seconds, between two runs of the periodic sync. */
import type { Clock } from '../core/ports.ts'

export interface WatchedHost {
  readonly clock: Clock
  /** True when a guest changed within a time of its own choice. */
  awaitChange(signal: AbortSignal): Promise<boolean>
  /** Whether the host shows something else than the records of servers that nothing works on. */
  differs(signal: AbortSignal): Promise<boolean>
  sync(signal: AbortSignal): Promise<unknown>
}

/** Milliseconds between two looks at a host on which much happens. */
const pauseMs = 1000

/** Follows until `signal` aborts. Faults of the host end it: whoever began it begins it again later. */
export async function watchHost({ clock, awaitChange, differs, sync }: WatchedHost, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // The wait begins before the look, so that nothing falls between two waits.
    const change = awaitChange(signal)
    change.catch(() => undefined)
    if (await differs(signal)) await sync(signal)
    const isChanged = await change
    if (isChanged) await clock.sleep(pauseMs, signal).catch(() => undefined)
  }
}
