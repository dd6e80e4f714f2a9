/** Revisions of one record, revisions after another, and the revision of a moment: all by index, in pages. */
import { Fault } from '../../core/fault.ts'
import type { TableName } from '../../model/tables.ts'
import { parseIsoTime } from '../iso-time.ts'
import { momentRevision, noSuchRevision } from '../moment.ts'
import type { Moment, Revision } from '../store.ts'
import { isStorable } from './batch.ts'
import type { Connections } from './connections.ts'
import { parsedRevision, type RawRevision, revisionsOf, versionColumns } from './rows.ts'

/** Revisions that are fetched at once. */
const page = 500

/** Every revision that touched a record, oldest first. */
export async function recordHistory(connections: Connections, table: TableName, id: string): Promise<Revision[]> {
  if (!isStorable(id)) return []
  const found: Revision[] = []
  for (let after = 0; ; ) {
    const { rows } = await connections.read(
      `SELECT ${versionColumns} FROM versions v JOIN revisions r USING (revision) WHERE v.revision IN (` +
        'SELECT DISTINCT revision FROM versions WHERE tbl = $1 AND id = $2 AND revision > $3 ORDER BY revision LIMIT $4' +
        ') ORDER BY v.revision, v.ordinal',
      [table, id, after, page],
      'history',
    )
    const revisions = revisionsOf(rows).map(parsedRevision)
    found.push(...revisions)
    if (revisions.length < page) return found
    after = revisions.at(-1)?.revision ?? after
  }
}

/** The revisions after `revision`, at most `limit`, oldest first; `not-found` when the next one is no longer kept. */
export async function changesSince(connections: Connections, revision: number, limit = page): Promise<RawRevision[]> {
  const { rows } = await connections.read(
    `SELECT ${versionColumns} FROM versions v JOIN revisions r USING (revision) WHERE v.revision > $1 AND v.revision <= ` +
      '(SELECT max(revision) FROM (SELECT revision FROM revisions WHERE revision > $1 ORDER BY revision LIMIT $2) p) ' +
      'ORDER BY v.revision, v.ordinal',
    [revision, limit],
    'changes',
  )
  const found = revisionsOf(rows)
  const [first] = found
  if (first && first.revision !== revision + 1) {
    throw new Fault('not-found', `revision ${revision + 1} is no longer kept, the oldest after it is ${first.revision}`)
  }
  return found
}

/** The revision that was in force at `moment`. */
export async function revisionOf(connections: Connections, moment: Moment): Promise<number> {
  if ('revision' in moment) {
    const wanted = momentRevision(moment, [])
    const { rows } = await connections.read('SELECT revision FROM head')
    const newest = Number(rows[0]?.revision)
    if (wanted > newest) throw noSuchRevision(wanted, newest)
    return wanted
  }
  const { rows } = await connections.read(
    'SELECT revision FROM revisions WHERE at_ms <= $1 ORDER BY at_ms DESC, revision DESC LIMIT 1',
    [parseIsoTime(moment.time)],
  )
  return Number(rows[0]?.revision ?? 0)
}
