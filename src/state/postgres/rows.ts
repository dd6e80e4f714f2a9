/** Rows of `versions` as changes, and changes as rows. */
import { Fault } from '../../core/fault.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import { type Migration, migrated } from '../json/migrations.ts'
import type { RawRevision } from '../movable.ts'
import { parseRecord, type RawChange } from '../record.ts'
import type { Change, Revision } from '../store.ts'

/** One row as the library hands it over: bigint columns are text. */
export interface VersionRow {
  readonly revision: string
  readonly tbl: string
  readonly id: string
  readonly schema: number
  readonly is_new: boolean
  readonly record: string | null
  readonly at: string
  readonly actor: string
  readonly request: string
  readonly action: string
}

export type StoredRow = Pick<VersionRow, 'tbl' | 'id' | 'schema' | 'is_new' | 'record'>

/** The columns of a VersionRow, from versions v and revisions r. */
export const versionColumns =
  'v.revision, v.tbl, v.id, v.schema, v.is_new, v.record::text AS record, r.at, r.actor, r.request, r.action'

export const typedTable = (name: string): TableName | undefined => tableNames.find((table) => table === name)

/** The change of a row in the newest form; none when its table is no more. */
export function changesOf(row: StoredRow, migrations: readonly Migration[]): readonly RawChange[] {
  if (row.schema > migrations.length)
    throw new Fault('unsupported', `${row.tbl} ${row.id} was written by a newer version of this program`)
  const table = typedTable(row.tbl)
  return table === undefined ? [] : migrated([{ table, id: row.id, text: row.record, isNew: row.is_new }], row.schema, migrations)
}

/** Rows in order of revision and ordinal as revisions. */
export function revisionsOf(rows: readonly VersionRow[], migrations: readonly Migration[]): RawRevision[] {
  const found: (RawRevision & { changes: RawChange[] })[] = []
  for (const row of rows) {
    const { at, actor, request, action } = row
    const revision = Number(row.revision)
    if (found.at(-1)?.revision !== revision) found.push({ revision, at, actor, request, action, changes: [] })
    found.at(-1)?.changes.push(...changesOf(row, migrations))
  }
  return found
}

export function parsedRevision(raw: RawRevision): Revision {
  const changes = raw.changes.map(
    ({ table, id, text }): Change => ({ table, id, record: text === null ? null : { ...parseRecord(text) } }),
  )
  return { ...raw, changes }
}
