/** Which records get something from the changes of form that they have not seen. */
import { tableNames } from '../../model/tables.ts'
import type { Reader } from '../store.ts'
import { migrations } from './migrations.ts'

export interface PendingChange {
  readonly name: string
  /** Records of the tables that it gives fields to. */
  readonly records: number
}

/** Counts for the changes of these names; one that makes tables, or is of the database's own, changes no record. */
export async function pendingChanges(reader: Reader, names: readonly string[]): Promise<PendingChange[]> {
  const changes: PendingChange[] = []
  for (const name of names) {
    const migration = migrations.find((one) => one.name === name)
    let records = 0
    for (const table of tableNames) {
      const bare = { id: '', generation: 0 }
      const isChanged = migration && Object.keys(migration.migrate(table, bare)).length > Object.keys(bare).length
      if (isChanged) records += await reader.count(table)
    }
    changes.push({ name, records })
  }
  return changes
}
