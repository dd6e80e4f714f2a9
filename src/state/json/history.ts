/** Every revision that touched one record, from all segments that are kept. */
import type { TableName } from '../../model/tables.ts'
import { parseRecord } from '../record.ts'
import type { Change, Revision } from '../store.ts'
import type { Source } from './journal-tail.ts'
import { migrated } from './migrations.ts'
import { unmoved } from './past-state.ts'
import { allEntries } from './segment-entries.ts'
import type { Entry } from './segment-reader.ts'

export async function recordHistory(source: Source, table: TableName, id: string): Promise<Revision[]> {
  return unmoved(source, async () => {
    const found: Revision[] = []
    for await (const entry of allEntries(source)) {
      if (entry.changes.some((change) => change.table === table && change.id === id)) found.push(revisionOf(source, entry))
    }
    return found
  })
}

/** An entry in the newest form, parsed. */
export function revisionOf(source: Source, entry: Entry): Revision {
  const changes = migrated(entry.changes, entry.schema, source.migrations).map(
    (change): Change => ({
      table: change.table,
      id: change.id,
      record: change.text === null ? null : { ...parseRecord(change.text) },
    }),
  )
  const { revision, at, actor, request, action } = entry
  return { revision, at, actor, request, action, changes }
}
