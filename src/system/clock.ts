/** The real clock: wall time from the system, durations from the monotonic counter. */
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'

/** The longest that node's timers can wait, in milliseconds; longer waits end early in node itself. */
const longestTimerMs = 2 ** 31 - 1

export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(new Fault('timeout', `the wait of ${ms} ms was cut short by its deadline`, { cause: signal?.reason }))
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        },
        Math.min(ms, longestTimerMs),
      )
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    }),
  deadline(ms, over) {
    const controller = new AbortController()
    const abort = () => controller.abort(new Fault('timeout', `the deadline of ${ms} ms has passed`))
    // A deadline alone is no reason for the process to stay: unref.
    const timer = setTimeout(abort, Math.min(ms, longestTimerMs)).unref()
    over?.addEventListener('abort', () => clearTimeout(timer), { once: true })
    return controller.signal
  },
}
