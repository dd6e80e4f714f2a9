import type { Aggregate } from '../model/placement.ts'

const none: readonly string[] = []

/** The metadata values of `key` over a host's aggregates, comma lists split, in order and without repeats. */
export function aggregateValues(aggregates: readonly Aggregate[], key: string): readonly string[] {
  // Most hosts have none, and a set for each of 10,000 hosts would cost more than all else.
  let values: Set<string> | undefined
  for (const aggregate of aggregates) {
    for (const [name, value] of aggregate.metadata) {
      if (name !== key) continue
      values ??= new Set()
      for (const part of value.split(',')) values.add(part.trim())
    }
  }
  return values ? [...values] : none
}

/** The smallest number that the host's aggregates give for `key`, or `otherwise` when none gives a number. */
export function smallestAggregateNumber(aggregates: readonly Aggregate[], key: string, otherwise: number): number {
  let smallest: number | undefined
  for (const aggregate of aggregates) {
    for (const [name, value] of aggregate.metadata) {
      if (name !== key || value.trim() === '') continue
      const parsed = Number(value)
      if (Number.isFinite(parsed) && (smallest === undefined || parsed < smallest)) smallest = parsed
    }
  }
  return smallest ?? otherwise
}
