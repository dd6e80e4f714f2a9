/** A clock that runs only when nothing else does: a day of waiting takes no time, and every run of a seed is the same. */
import { setImmediate, setTimeout } from 'node:timers/promises'
import { Fault } from '../../src/core/fault.ts'
import type { Clock } from '../../src/core/ports.ts'

interface Timer {
  readonly at: number
  readonly fire: () => void
}

export interface VirtualClock extends Clock {
  advance(ms: number): void
  /** Lets time pass until `isOver`; false when that is not before `limitMs` have gone by, or when nothing more would ever happen. */
  pass(isOver: () => boolean, limitMs: number): Promise<boolean>
}

/** Milliseconds of real time that something may take when nothing else goes on. */
const loadingMs = 100

async function loaded(goesOn: () => boolean): Promise<boolean> {
  for (let ms = 0; ms < loadingMs; ms += 5) {
    await setTimeout(5)
    if (goesOn()) return true
  }
  return false
}

/** Turns of the event loop after which everything that waits for no timer has been done: a loaded module takes one. */
const quietTurns = 3

export function virtualClock(start = Date.UTC(2026, 0, 1)): VirtualClock {
  let now = 0
  const timers = new Set<Timer>()
  const after = (ms: number, fire: () => void): (() => void) => {
    const timer = { at: now + ms, fire }
    timers.add(timer)
    return () => void timers.delete(timer)
  }

  /** The first that was set is the first of those at one moment. */
  function fireNext(until: number): boolean {
    let next: Timer | undefined
    for (const timer of timers) if (!next || timer.at < next.at) next = timer
    if (!next || next.at > until) return false
    timers.delete(next)
    now = Math.max(now, next.at)
    next.fire()
    return true
  }

  return {
    wall: () => start + now,
    monotonic: () => now,
    advance: (ms) => {
      now += ms
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const stop = () => {
          forget()
          reject(new Fault('timeout', `the wait of ${ms} ms was cut short by its deadline`))
        }
        const forget = after(ms, () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        })
        if (signal?.aborted) stop()
        else signal?.addEventListener('abort', stop, { once: true })
      }),
    deadline: (ms, over) => {
      const controller = new AbortController()
      const forget = after(ms, () => controller.abort(new Fault('timeout', `the deadline of ${ms} ms has passed`)))
      over?.addEventListener('abort', forget, { once: true })
      return controller.signal
    },
    async pass(isOver, limitMs) {
      for (const until = now + limitMs; ; ) {
        for (let turn = 0; turn < quietTurns; turn += 1) await setImmediate()
        if (isOver()) return true
        if (fireNext(until)) continue
        // Nothing is left but what takes real time, if anything: a module that is being loaded.
        if (timers.size > 0 || !(await loaded(() => timers.size > 0 || isOver()))) return false
      }
    },
  }
}
