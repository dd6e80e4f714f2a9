/** Equality on top-level fields, the only filter that stores know. */
import type { StoredRecord } from './record.ts'

export type Conditions = readonly (readonly [field: string, value: unknown])[]

/** The conditions of `where`; fields set to undefined ask nothing. */
export function conditionsOf(where: object | undefined): Conditions {
  return where === undefined ? [] : Object.entries(where).filter(([, value]) => value !== undefined)
}

export function matches(record: StoredRecord, conditions: Conditions): boolean {
  for (const [field, value] of conditions) {
    // What every object inherits is no primitive: only a field of its own can be the same as one.
    const isOwn = record[field] === value && value !== null && typeof value !== 'object'
    if (!isOwn && !isSame(fieldOf(record, field), value)) return false
  }
  return true
}

/** The value of a field; a missing field counts as null. */
export function fieldOf(record: StoredRecord, field: string): unknown {
  return Object.hasOwn(record, field) ? (record[field] ?? null) : null
}

function isSame(stored: unknown, asked: unknown): boolean {
  if (stored === asked) return true
  if (typeof stored !== 'object' || typeof asked !== 'object' || stored === null || asked === null) return false
  return JSON.stringify(stored) === JSON.stringify(asked)
}
