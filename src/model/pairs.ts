import type { Pairs } from '../core/schema.ts'

/** The pairs with others set: a known key keeps its place, a new one goes last. */
export function withPairs(pairs: Pairs, changes: Pairs): [string, string][] {
  return [...new Map([...pairs, ...changes])]
}

/** The pairs without some keys. */
export function withoutKeys(pairs: Pairs, keys: readonly string[]): [string, string][] {
  return pairs.filter(([key]) => !keys.includes(key)).map(([key, value]) => [key, value])
}
