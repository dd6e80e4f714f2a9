/**
 * Brings records that were written in an older form into the form in force, some at a time, while everything runs: the rows that are in
 * force are written over, no revision is made, and everybody reads of them what they read before.
 */
import type { Client } from 'pg'
import { tableNames } from '../../model/tables.ts'
import { parseRecord } from '../record.ts'
import type { Connections } from './connections.ts'
import { keysOf } from './keys.ts'
import { changesOf } from './rows.ts'

const older = 'until IS NULL AND tbl = ANY($1) AND schema < (SELECT record_schema FROM head WHERE one)'

/** How many records in force are in an older form. */
export async function olderRecords(connections: Connections): Promise<number> {
  const { rows } = await connections.read(`SELECT count(*) AS n FROM versions WHERE ${older}`, [tableNames])
  return Number(rows[0]?.n)
}

/** Renews at most `most` records; resolves with how many it did, 0 as long as the form in force is not this program's newest. */
export async function renewRecords(connections: Connections, most: number): Promise<number> {
  const client = await connections.patiently(() => connections.open())
  try {
    await client.query('BEGIN')
    const done = await renewIn(client, connections, most)
    await client.query('COMMIT')
    return done
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function renewIn(client: Client, { migrations }: Connections, most: number): Promise<number> {
  // The form stays as it is until the end of this transaction.
  const { rows: heads } = await client.query('SELECT record_schema FROM head WHERE one FOR SHARE')
  if (heads[0]?.record_schema !== migrations.length) return 0
  const { rows } = await client.query(
    `SELECT revision, ordinal, tbl, id, schema, is_new, record::text AS record FROM versions WHERE ${older} LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [tableNames, most],
  )
  const renewed = rows.map((row) => {
    const [change] = changesOf(row, migrations)
    const text = change?.text?.toString() ?? row.record
    return { text, keys: change ? keysOf(change.table, parseRecord(text)) : '{}' }
  })
  await client.query(
    `UPDATE versions v SET record = n.d::json, keys = n.k::jsonb, schema = $5
     FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::text[]) AS n (r, o, d, k) WHERE v.revision = n.r AND v.ordinal = n.o`,
    [
      ...[rows.map((row) => row.revision), rows.map((row) => row.ordinal)],
      ...[renewed.map(({ text }) => text), renewed.map(({ keys }) => keys), migrations.length],
    ],
  )
  return rows.length
}
