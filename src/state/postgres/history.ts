/** Revisions of one record, revisions after another, and the revision of a moment: all by index, in pages. */
import { Fault } from '../../core/fault.ts'
import type { TableName } from '../../model/tables.ts'
import { parseIsoTime } from '../iso-time.ts'
import { momentRevision, noSuchRevision, purgedMoment } from '../moment.ts'
import type { RawRevision } from '../movable.ts'
import type { HistoryStart, Moment, Revision } from '../store.ts'
import { isStorable } from './batch.ts'
import type { Connections } from './connections.ts'
import { parsedRevision, revisionsOf, versionColumns } from './rows.ts'

/** Revisions that are fetched at once. */
const page = 500

export const startQuery = 'SELECT revision, at, purged_at FROM history_start WHERE one'

/** What the row of that query says. */
export function startOf([row]: readonly { revision: string; at: string; purged_at: string }[]): HistoryStart | undefined {
  return row && { revision: Number(row.revision), at: row.at, purgedAt: row.purged_at }
}

/** Where history begins; undefined when it is whole. */
export const historyStart = async (connections: Connections): Promise<HistoryStart | undefined> =>
  startOf((await connections.read(startQuery, [], 'history-start')).rows)

/** Every revision that touched a record and was not purged, oldest first. */
export async function recordHistory(connections: Connections, table: TableName, id: string): Promise<Revision[]> {
  if (!isStorable(id)) return []
  const found: Revision[] = []
  for (let after = (await historyStart(connections))?.revision ?? 0; ; ) {
    const { rows } = await connections.read(
      // Materialised, so that it goes by the record's index and not through all revisions in order.
      'WITH own AS MATERIALIZED (SELECT DISTINCT revision FROM versions WHERE tbl = $1 AND id = $2 AND revision > $3), ' +
        'these AS MATERIALIZED (SELECT revision FROM own ORDER BY revision LIMIT $4) ' +
        `SELECT ${versionColumns} FROM these JOIN revisions r USING (revision) JOIN versions v USING (revision) ` +
        'ORDER BY v.revision, v.ordinal',
      [table, id, after, page],
      'history',
    )
    const revisions = revisionsOf(rows, connections.migrations).map(parsedRevision)
    found.push(...revisions)
    if (revisions.length < page) return found
    after = revisions.at(-1)?.revision ?? after
  }
}

/** The statement for the revisions after one, at most `limit`. A range, because the planner knows that it is short. */
export const changesQuery = (revision: number, limit = page) => ({
  name: 'changes',
  text:
    `SELECT ${versionColumns} FROM revisions r JOIN versions v USING (revision) ` +
    'WHERE r.revision > $1 AND r.revision <= $2 AND v.revision > $1 AND v.revision <= $2 ORDER BY v.revision, v.ordinal',
  values: [revision, revision + limit],
})

/** The revisions after `revision`, at most `limit`, oldest first; `not-found` when the next one is no longer kept. */
export async function changesSince(connections: Connections, revision: number, limit?: number): Promise<RawRevision[]> {
  const { text, values, name } = changesQuery(revision, limit)
  const found = revisionsOf((await connections.read(text, values, name)).rows, connections.migrations)
  let oldest = found[0]?.revision
  if (oldest === undefined) {
    const { rows } = await connections.read(
      'SELECT min(revision) AS oldest FROM revisions WHERE revision > $1',
      [revision],
      'oldest',
    )
    if (rows[0]?.oldest === null) return []
    oldest = Number(rows[0]?.oldest)
    // Committed between the two questions.
    if (oldest === revision + 1) return changesSince(connections, revision, limit)
  }
  if (oldest === revision + 1) return found
  throw new Fault('not-found', `revision ${revision + 1} is no longer kept, the oldest after it is ${oldest}`)
}

/** The revision that was in force at `moment`; `not-found` when it is before history begins. */
export async function revisionOf(connections: Connections, moment: Moment): Promise<number> {
  const start = await historyStart(connections)
  const found = 'revision' in moment ? await knownRevision(connections, moment) : await revisionAt(connections, moment.time)
  if (!start || found >= start.revision) return found
  // The revision itself was purged, the state that it left was not.
  if ('time' in moment && parseIsoTime(moment.time) >= parseIsoTime(start.at)) return start.revision
  throw purgedMoment(moment, start)
}

async function knownRevision(connections: Connections, moment: Moment & { readonly revision: number }): Promise<number> {
  const wanted = momentRevision(moment, [])
  const { rows } = await connections.read('SELECT revision FROM head WHERE one')
  const newest = Number(rows[0]?.revision)
  if (wanted > newest) throw noSuchRevision(wanted, newest)
  return wanted
}

async function revisionAt(connections: Connections, time: string): Promise<number> {
  const { rows } = await connections.read(
    'SELECT revision FROM revisions WHERE at_ms <= $1 ORDER BY at_ms DESC, revision DESC LIMIT 1',
    [parseIsoTime(time)],
  )
  return Number(rows[0]?.revision ?? 0)
}
