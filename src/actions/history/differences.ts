/** What one revision changed in one record, field by field. */
import type { Revision } from '../../state/store.ts'

export interface Difference {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}
export type Fields = Readonly<Record<string, unknown>>

/** Bookkeeping that changes with every write and tells nothing. */
const silent: ReadonlySet<string> = new Set(['generation', 'updatedAt'])

/** The fields that differ; a missing record has none, and a missing field is null. */
export function differences(before: Fields | null, after: Fields | null): Difference[] {
  const [old, now] = [new Map(Object.entries(before ?? {})), new Map(Object.entries(after ?? {}))]
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((field) => !silent.has(field))
    .map((field) => ({ field, before: old.get(field) ?? null, after: now.get(field) ?? null }))
    .filter(({ before, after }) => JSON.stringify(before) !== JSON.stringify(after))
}

/** The record as a revision left it; undefined when the revision did not touch it. */
export function recordAfter(revision: Revision, table: string, id: string): Fields | null | undefined {
  return revision.changes.filter((change) => change.table === table && change.id === id).at(-1)?.record
}
