/** Whether a history of one record could be that of a record which one client after the other had to himself (Wing, Gong, Lowe). */
import type { Call, Operation, Outcome } from './operation.ts'

type Value = string | null

/** The value after the call, or undefined when it cannot have had that outcome. An open end may have had any. */
function after(value: Value, call: Call, outcome: Outcome | undefined): { readonly value: Value } | undefined {
  const possible = (isPossible: boolean, next: Value) => (isPossible ? { value: next } : undefined)
  switch (call.kind) {
    case 'read':
      return possible(outcome === undefined || (typeof outcome === 'object' && outcome.value === value), value)
    case 'swap':
      if (outcome === 'refused') return possible(value !== call.from, value)
      return possible(value === call.from, call.to)
    case 'insert':
      if (outcome === 'refused') return possible(value !== null, value)
      return possible(value === null, call.to)
    case 'remove':
      if (outcome === 'refused') return possible(value === null, value)
      return possible(value !== null, null)
  }
}

/** True when the operations on one key, of which there was no record at first, have an order that explains every answer. */
export function isLinearizable(operations: readonly Operation[]): boolean {
  const sorted = [...operations].sort((a, b) => a.began - b.began)
  const taken = new Array<boolean>(sorted.length).fill(false)
  const seen = new Set<string>()
  const answered = sorted.filter(({ ended }) => ended !== Number.POSITIVE_INFINITY).length

  /** Those that may come next: they began before the first answer of all that are left. */
  function candidates(): number[] {
    let firstEnd = Number.POSITIVE_INFINITY
    for (const [index, { ended }] of sorted.entries()) if (!taken[index]) firstEnd = Math.min(firstEnd, ended)
    return sorted.flatMap(({ began }, index) => (!taken[index] && began <= firstEnd ? [index] : []))
  }

  function search(value: Value, left: number): boolean {
    // Open ends may never have taken effect.
    if (left === 0) return true
    const state = `${value}|${taken.map((isTaken) => (isTaken ? 1 : 0)).join('')}`
    if (seen.has(state)) return false
    seen.add(state)
    for (const index of candidates()) {
      const operation = sorted[index]
      const next = operation && after(value, operation.call, operation.outcome)
      if (!next) continue
      taken[index] = true
      if (search(next.value, left - (operation.outcome === undefined ? 0 : 1))) return true
      taken[index] = false
    }
    return false
  }
  return search(null, answered)
}

/** What was known at that time: answers that came later were not there yet. */
const knownAt = (operations: readonly Operation[], time: number) =>
  operations
    .filter(({ began }) => began <= time)
    .map((one) => (one.ended <= time ? one : { ...one, ended: Number.POSITIVE_INFINITY, outcome: undefined }))

/** For each key whose operations no order explains: the last of them until the first answer that nothing explains. */
export function brokenKeys(operations: readonly Operation[]): string[] {
  const byKey = new Map<string, Operation[]>()
  for (const operation of operations) byKey.set(operation.key, [...(byKey.get(operation.key) ?? []), operation])
  return [...byKey].flatMap(([key, own]) => {
    if (isLinearizable(own)) return []
    const ends = own.map(({ ended }) => ended).sort((a, b) => a - b)
    const first = ends.find((end) => !isLinearizable(knownAt(own, end))) ?? 0
    const last = own.filter(({ began }) => began <= first).sort((a, b) => a.ended - b.ended)
    return [`${key}: ${last.slice(-10).map(shown).join(', ')}`]
  })
}

const shown = ({ call, began, ended, outcome }: Operation) =>
  `[${began.toFixed(2)}-${ended.toFixed(2)} ${JSON.stringify(call)} ${JSON.stringify(outcome)}]`
