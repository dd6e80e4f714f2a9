/** Drafted records by table and id; null is removed. */
import type { TableName } from '../model/tables.ts'
import type { StoredRecord } from './record.ts'

export type DraftTables = ReadonlyMap<TableName, ReadonlyMap<string, DraftRecord>>

export interface DraftRecord {
  readonly record: StoredRecord | null
  /** The place among the draft's own records, after the base's; undefined when it keeps the base's place. */
  readonly place: number | undefined
}

/** `over` on top of `under`. */
export function mergedTables(under: DraftTables, over: DraftTables): DraftTables {
  const merged = new Map(under)
  for (const [table, records] of over) merged.set(table, new Map([...(under.get(table) ?? []), ...records]))
  return merged
}
