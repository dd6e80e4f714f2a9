/** Moves the beginning of a purged history between stores: reads it from a database, and makes it that of an empty one. */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import { tableNames } from '../../model/tables.ts'
import { inOlderForm } from '../json/older-form.ts'
import type { WholeStart } from '../movable.ts'
import { parseRecord, type RawChange } from '../record.ts'
import type { Connections } from './connections.ts'
import { databaseFault } from './database-fault.ts'
import { keysOf } from './keys.ts'
import { changesOf } from './rows.ts'

/** Records that travel at once. */
const slice = 1000

/** All records as `revision` left them, in the order of their tables. */
export async function* recordsAt(connections: Connections, revision: number): AsyncGenerator<readonly RawChange[]> {
  for (const table of tableNames) {
    for (let after = '0'; ; ) {
      const { rows } = await connections.read(
        'SELECT seq, tbl, id, schema, true AS is_new, record::text AS record FROM versions ' +
          'WHERE tbl = $1 AND revision <= $2 AND (until IS NULL OR until > $2) AND seq > $3 ORDER BY seq LIMIT $4',
        [table, revision, after, slice],
      )
      yield rows.flatMap((row) => changesOf(row, connections.migrations))
      if (rows.length < slice) break
      after = rows.at(-1)?.seq
    }
  }
}

/** In one transaction. `exists` when there are revisions already. */
export async function beginHistory(connections: Connections, start: WholeStart): Promise<void> {
  const { address } = connections
  const client = await connections.patiently(() => connections.open({ idle_in_transaction_session_timeout: 0 }))
  try {
    await client.query('BEGIN')
    const { rows } = await client.query('SELECT revision, record_schema FROM head WHERE one FOR UPDATE')
    const held = Number(rows[0]?.revision)
    if (held > 0) throw new Fault('exists', `${address.place} already holds ${held} revisions`)
    await insertRecords(client, start, { schema: Number(rows[0]?.record_schema), connections })
    await client.query('UPDATE head SET revision = $1, at = $2 WHERE one', [start.revision, start.at])
    const { revision, at, purgedAt } = start
    await client.query('INSERT INTO history_start (revision, at, purged_at) VALUES ($1, $2, $3)', [revision, at, purgedAt])
    await client.query('COMMIT')
  } catch (error) {
    throw error instanceof Fault ? error : databaseFault(error, address)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function insertRecords(
  client: Client,
  start: WholeStart,
  { schema, connections }: { schema: number; connections: Connections },
): Promise<void> {
  // Places in the order of creation are smaller than those of any later revision: each had room for more records than it made.
  let place = 0
  for await (const records of start.records()) {
    const written = inOlderForm(records, schema, connections.migrations)
    const rows = written.flatMap(({ table, id, text }) => (text === null ? [] : [{ table, id, text, record: parseRecord(text) }]))
    await client.query(
      `INSERT INTO versions (revision, ordinal, tbl, id, seq, generation, schema, is_new, until, keys, record)
       SELECT $1, $2 + n, t, i, $2 + n, g, $3, true, NULL, k::jsonb, d::json
       FROM unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[]) WITH ORDINALITY AS u (t, i, g, k, d, n)`,
      [
        ...[start.revision, place, schema, rows.map(({ table }) => table), rows.map(({ id }) => id)],
        ...[rows.map(({ record }) => record.generation), rows.map(({ table, record }) => keysOf(table, record))],
        rows.map(({ text }) => text.toString()),
      ],
    )
    place += rows.length
  }
}
