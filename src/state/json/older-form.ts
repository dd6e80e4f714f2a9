/**
 * Records as a program one version older knows them. What a migration adds is left out again where it is at its default;
 * what an older program could not act on is refused, so that nothing is lost when that one writes the record.
 */
import { Fault } from '../../core/fault.ts'
import type { TableName } from '../../model/tables.ts'
import { parseRecord, type RawChange, type StoredRecord } from '../record.ts'
import type { Migration } from './migrations.ts'

/** `changes` in the form that has seen `schema` migrations; `unsupported` for what it has no place for. */
export function inOlderForm(changes: readonly RawChange[], schema: number, list: readonly Migration[]): readonly RawChange[] {
  const later = list.slice(schema).reverse()
  if (later.length === 0) return changes
  return changes.map((change) => {
    const newer = later.find(({ tables }) => tables?.includes(change.table))
    if (newer) throw tooNew(`the table ${change.table}`, newer)
    if (change.text === null) return change
    const record = later.reduce((one, migration) => taken(one, change.table, migration), parseRecord(change.text))
    return { ...change, text: JSON.stringify(record) }
  })
}

/** The record without the fields that the migration gives it. */
function taken(record: StoredRecord, table: TableName, migration: Migration): StoredRecord {
  if (migration.isIgnorable) return record
  const { id, generation } = record
  const added = Object.entries(migration.migrate(table, { id, generation })).filter(([field]) => !identity.has(field))
  if (added.length === 0) return record
  const rest = new Map(Object.entries(record))
  for (const [field, usual] of added) {
    const value = rest.get(field) ?? usual
    if (JSON.stringify(value) !== JSON.stringify(usual)) throw tooNew(`${field} of ${table} ${id}`, migration)
    rest.delete(field)
  }
  return { ...Object.fromEntries(rest), id, generation }
}

const identity: ReadonlySet<string> = new Set(['id', 'generation'])

const tooNew = (what: string, { name }: Migration) =>
  new Fault('unsupported', `${what} cannot be written yet: the records are in a form older than "${name}"`, {
    hint: 'when every daemon is of the new version: nova db sync',
  })
