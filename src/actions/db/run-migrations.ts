/** Runs online migrations in batches and adds up what each found and did. */
import { asFault } from '../../core/fault.ts'
import type { OnlineMigration } from '../../state/online-migrations.ts'
import type { Authorship, Store } from '../../state/store.ts'

export interface MigrationRow {
  readonly name: string
  found: number
  done: number
  error: string | null
}

/** Records of one batch when nobody says how many. */
const batch = 50

/** One batch of `maxCount` records, or batches until nothing is done any more. */
export async function runMigrations(
  migrations: readonly OnlineMigration[],
  store: Store,
  authorship: Authorship,
  maxCount: number | undefined,
  signal: AbortSignal,
): Promise<MigrationRow[]> {
  const rows = migrations.map(({ name }): MigrationRow => ({ name, found: 0, done: 0, error: null }))
  for (let ran = 1; ran > 0 && !signal.aborted; ) {
    ran = 0
    for (const [index, migration] of migrations.entries()) {
      const row = rows[index]
      if (!row || ran >= (maxCount ?? batch)) continue
      ran += await runOne(row, () => migration.run(store, authorship, (maxCount ?? batch) - ran))
    }
    if (maxCount !== undefined) break
  }
  return rows
}

/** One that fails does not stop the others. */
async function runOne(row: MigrationRow, run: () => ReturnType<OnlineMigration['run']>): Promise<number> {
  try {
    const { found, done } = await run()
    row.found += found
    row.done += done
    row.error = null
    return done
  } catch (error) {
    row.error = asFault(error).message
    return 0
  }
}
