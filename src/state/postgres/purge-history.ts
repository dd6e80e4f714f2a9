/**
 * Drops old revisions from the database. First the row says where history begins, then the revisions go, oldest first, and at last
 * the versions that had ended by then: so whoever follows hears that a revision is gone before a change of it is missing. What a
 * kill leaves counts for nobody, and the next purge removes it.
 */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import { tableNames } from '../../model/tables.ts'
import { purgeLimit } from '../moment.ts'
import type { PurgedHistory } from '../store.ts'
import { withAdvisoryLock } from './advisory-lock.ts'
import type { Connections } from './connections.ts'
import { databaseFault } from './database-fault.ts'
import { historyStart, startOf, startQuery } from './history.ts'

/** Rows that one statement removes: others write in between. */
const slice = 5000

interface Last {
  readonly revision: number
  readonly at: string
}

interface OlderHistory extends PurgedHistory {
  /** The last revision that would go; undefined when none would. */
  readonly last: Last | undefined
}

/** Drops revisions before an ISO 8601 time, or only counts them; always removes what an earlier purge left. */
export async function purgeHistory(
  connections: Connections,
  before: string,
  { planned, now }: { readonly planned?: boolean; readonly now: string },
): Promise<PurgedHistory> {
  const { last, ...counts } = await olderHistory(connections, before)
  if (!planned) await beginAfter(connections, last, now)
  return counts
}

async function olderHistory(connections: Connections, before: string): Promise<OlderHistory> {
  const first = (await historyStart(connections))?.revision ?? 0
  const { rows: heads } = await connections.read('SELECT at FROM head WHERE one')
  const { rows } = await connections.read(
    'SELECT revision, at FROM revisions WHERE at_ms < $1 AND revision > $2 ORDER BY at_ms DESC, revision DESC LIMIT 1',
    [purgeLimit(before, String(heads[0]?.at ?? '')), first],
  )
  const [row] = rows
  if (!row) return { revisions: 0, changes: 0, last: undefined }
  const revision = Number(row.revision)
  const { rows: written } = await connections.read('SELECT count(*) AS n FROM versions WHERE revision > $1 AND revision <= $2', [
    first,
    revision,
  ])
  // Revisions have no gaps.
  return { revisions: revision - first, changes: Number(written[0]?.n), last: { revision, at: row.at } }
}

/** Makes the state after `last` the beginning of history. */
async function beginAfter(connections: Connections, last: Last | undefined, purgedAt: string): Promise<void> {
  const { address } = connections
  await withAdvisoryLock(connections, 'history', `${address.place}: another process purges the history`, async (client) => {
    try {
      if (last) await begin(client, last, purgedAt, address.place)
      const start = startOf((await client.query(startQuery)).rows)
      if (start) await removeOlder(client, start.revision)
    } catch (error) {
      throw error instanceof Fault ? error : databaseFault(error, address)
    }
  })
}

/** Under the writers' lock: whoever moves all records to another place must not see another beginning half-way. */
async function begin(client: Client, { revision, at }: Last, purgedAt: string, place: string): Promise<void> {
  await client.query('BEGIN')
  const { rows } = await client.query('SELECT moved_to FROM head WHERE one FOR UPDATE')
  const movedTo = rows[0]?.moved_to
  if (typeof movedTo === 'string')
    throw new Fault('forbidden', `${place} was moved to ${movedTo}`, { hint: `use --state ${movedTo}` })
  await client.query(
    `INSERT INTO history_start (revision, at, purged_at) VALUES ($1, $2, $3)
     ON CONFLICT (one) DO UPDATE SET revision = excluded.revision, at = excluded.at, purged_at = excluded.purged_at
     WHERE history_start.revision < excluded.revision`,
    [revision, at, purgedAt],
  )
  await client.query('COMMIT')
}

async function removeOlder(client: Client, revision: number): Promise<void> {
  const oldest = `LEAST($1, (SELECT min(revision) FROM revisions) + ${slice - 1})`
  await inSlices(client, `DELETE FROM revisions WHERE revision <= ${oldest}`, [revision])
  const ended = `SELECT ctid FROM versions WHERE tbl = $2 AND until <= $1 LIMIT ${slice}`
  for (const table of tableNames)
    await inSlices(client, `DELETE FROM versions WHERE ctid = ANY(ARRAY(${ended}))`, [revision, table])
}

async function inSlices(client: Client, text: string, values: readonly unknown[]): Promise<void> {
  for (;;) {
    const { rowCount } = await client.query(text, [...values])
    if (!rowCount) return
  }
}
