/** Counts and durations of calls, by method and outcome. */
import type { FaultKind } from '../core/fault.ts'

/** Upper bounds of the classes of durations, in seconds. */
export const durationBounds = [0.001, 0.005, 0.015, 0.05, 0.25, 1, 5, 30, 120] as const

export interface MethodCount {
  readonly method: string
  /** Calls by outcome: `ok` or the kind of fault. */
  readonly outcomes: Map<string, number>
  /** Calls at most as long as each bound. */
  readonly within: number[]
  seconds: number
  calls: number
}

export interface RequestCounts {
  note(method: string, fault: FaultKind | undefined, ms: number): void
  all(): readonly MethodCount[]
  readonly total: number
}

export function requestCounts(): RequestCounts {
  const methods = new Map<string, MethodCount>()
  let total = 0
  return {
    note(method, fault, ms) {
      const entry = methods.get(method) ?? newCount(method)
      methods.set(method, entry)
      const outcome = fault ?? 'ok'
      entry.outcomes.set(outcome, (entry.outcomes.get(outcome) ?? 0) + 1)
      entry.calls += 1
      entry.seconds += ms / 1000
      for (const [index, bound] of durationBounds.entries())
        if (ms / 1000 <= bound) entry.within[index] = (entry.within[index] ?? 0) + 1
      total += 1
    },
    all: () => [...methods.values()],
    get total() {
      return total
    },
  }
}

const newCount = (method: string): MethodCount => ({
  method,
  outcomes: new Map(),
  within: durationBounds.map(() => 0),
  seconds: 0,
  calls: 0,
})
