import { Fault } from '../core/fault.ts'
import type { Pairs } from '../core/schema.ts'

/** Pairs that one thing may have. */
export const maxPairs = 128

/** The pairs with others set: a known key keeps its place, a new one goes last. `invalid`, naming `owner`, when they become too many. */
export function withPairs(pairs: Pairs, changes: Pairs, owner: string): [string, string][] {
  const merged = [...new Map([...pairs, ...changes])]
  if (merged.length <= maxPairs) return merged
  throw new Fault('invalid', `${owner} would have ${merged.length} keys, the limit is ${maxPairs}`)
}

/** The pairs without some keys. `not-found`, naming `owner`, for a key that is not there. */
export function withoutKeys(pairs: Pairs, keys: readonly string[], owner: string): [string, string][] {
  const missing = keys.find((key) => !pairs.some(([name]) => name === key))
  if (missing !== undefined) throw new Fault('not-found', `${owner} has no key "${missing}"`)
  return pairs.filter(([key]) => !keys.includes(key)).map(([key, value]) => [key, value])
}
