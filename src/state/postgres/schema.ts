/**
 * Brings a database up to date, under a lock. Its tables first: changes of them only add, so a program one version older goes on
 * beside them. The form of the records is raised on its own, when nobody writes the older one any more; until then this program
 * reads and writes that one. A form that a newer program has raised is refused.
 */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import { type Migration, migrated, migrations as recordMigrations } from '../json/migrations.ts'
import { parseRecord } from '../record.ts'
import type { Connections } from './connections.ts'
import { indexStatements, keysOf, shapesText } from './keys.ts'
import { type SqlMigration, sqlMigrations } from './migrations.ts'
import { typedTable } from './rows.ts'

export interface SchemaReport {
  /** Names of the changes that were made now, oldest first. */
  readonly applied: readonly string[]
  /** How many changes of the tables, and of the records' form, are in force. */
  readonly tables: number
  readonly records: number
}

interface Found {
  readonly tables: number
  readonly records: number
  readonly shapes: string
}

/** Records whose keys are made again by one statement. */
const slice = 1000

export interface SchemaLists {
  readonly sql: readonly SqlMigration[]
  readonly records: readonly Migration[]
}

export const ownLists: SchemaLists = { sql: sqlMigrations, records: recordMigrations }

/** The form that the database has; undefined when it is empty. */
export const readSchema = (connections: Connections): Promise<Found | undefined> =>
  connections.patiently(() => withClient(connections, findSchema))

/**
 * Makes the tables of an empty database; otherwise touches nothing, and refuses tables that are older, and records that are newer,
 * than this program. Resolves with whether records are found by the keys that this program knows.
 */
export async function prepareSchema(connections: Connections, storeId: string, lists = ownLists): Promise<boolean> {
  const found = await readSchema(connections)
  if (!found) {
    await syncSchema(connections, storeId, { lists })
    return true
  }
  const { place } = connections.address
  refuseNewer(found, place, lists)
  if (found.tables >= lists.sql.length) return found.shapes === shapesText()
  throw new Fault('unsupported', `${place} has older tables (${found.tables}) than this program (${lists.sql.length})`, {
    hint: 'nova db sync; daemons of the version before go on meanwhile',
  })
}

export interface SyncOptions {
  readonly lists?: SchemaLists
  /** Leaves the records in the form that older programs read. */
  readonly tablesOnly?: boolean
}

/** Applies what is missing, in one transaction. */
export async function syncSchema(connections: Connections, storeId: string, options: SyncOptions = {}): Promise<SchemaReport> {
  const { lists = ownLists, tablesOnly = false } = options
  const { schema } = connections.address
  return connections.patiently(() =>
    withClient(connections, async (client) => {
      await client.query('BEGIN')
      await client.query('SET LOCAL statement_timeout = 0')
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`novakit ${schema}`])
      const found = await findSchema(client)
      if (found) refuseNewer(found, connections.address.place, lists)
      const applied = await apply(client, { schema, storeId, lists, found, tablesOnly })
      await client.query('COMMIT')
      return { applied, tables: lists.sql.length, records: tablesOnly && found ? found.records : lists.records.length }
    }),
  )
}

interface Application {
  readonly schema: string
  readonly storeId: string
  readonly lists: SchemaLists
  readonly found: Found | undefined
  readonly tablesOnly: boolean
}

async function apply(client: Client, { schema, storeId, lists, found, tablesOnly }: Application): Promise<string[]> {
  if (!found) {
    await client.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`)
    await client.query(
      'CREATE TABLE migrations (number integer PRIMARY KEY, name text NOT NULL, applied timestamptz NOT NULL DEFAULT now())',
    )
  } else await client.query('SELECT revision FROM head FOR UPDATE')
  const applied: string[] = []
  for (const [index, { name, sql }] of lists.sql.entries()) {
    if (index < (found?.tables ?? 0)) continue
    await client.query(sql)
    await client.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [index + 1, name])
    applied.push(name)
  }
  for (const statement of indexStatements()) await client.query(statement)
  if (!found) {
    await client.query('INSERT INTO head (store, revision, at, record_schema, shapes) VALUES ($1, 0, $2, $3, $4)', [
      storeId,
      '',
      lists.records.length,
      shapesText(),
    ])
    return applied
  }
  if (tablesOnly || found.tables > lists.sql.length) return applied
  if (found.shapes !== shapesText()) applied.push(`keys of ${await makeKeys(client)} records`)
  if (found.records < lists.records.length) applied.push(`form ${lists.records.length} of records`)
  await client.query('UPDATE head SET record_schema = $1, shapes = $2', [lists.records.length, shapesText()])
  return applied
}

/** Makes the keys of all records in force again: tables gained or lost indexed fields. */
async function makeKeys(client: Client): Promise<number> {
  await client.query(
    'DECLARE of_records NO SCROLL CURSOR FOR SELECT revision, ordinal, tbl, id, schema, record::text AS record FROM versions WHERE until IS NULL',
  )
  let made = 0
  for (;;) {
    const { rows } = await client.query(`FETCH ${slice} FROM of_records`)
    if (rows.length === 0) return made
    const keys = rows.map((row) => {
      const table = typedTable(row.tbl)
      const [change] =
        table === undefined ? [] : migrated([{ table, id: row.id, text: row.record }], row.schema, recordMigrations)
      return change?.text ? keysOf(change.table, parseRecord(change.text)) : '{}'
    })
    await client.query(
      'UPDATE versions v SET keys = n.k::jsonb FROM unnest($1::bigint[], $2::integer[], $3::text[]) AS n (r, o, k) WHERE v.revision = n.r AND v.ordinal = n.o',
      [rows.map((row) => row.revision), rows.map((row) => row.ordinal), keys],
    )
    made += rows.length
  }
}

async function findSchema(client: Client): Promise<Found | undefined> {
  const there = await client.query("SELECT to_regclass('head') IS NOT NULL AND to_regclass('migrations') IS NOT NULL AS found")
  if (there.rows[0]?.found !== true) return undefined
  const { rows } = await client.query(
    'SELECT record_schema AS records, shapes, (SELECT coalesce(max(number), 0) FROM migrations) AS tables FROM head',
  )
  return rows[0]
}

function refuseNewer(found: Found, place: string, lists: SchemaLists): void {
  if (found.records <= lists.records.length) return
  throw new Fault(
    'unsupported',
    `${place} has records of form ${found.records}, this program knows up to ${lists.records.length}`,
    {
      hint: 'use the newer version of the program that wrote it',
    },
  )
}

async function withClient<T>(connections: Connections, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await connections.open()
  try {
    const encoding = await client.query('SHOW server_encoding')
    if (encoding.rows[0]?.server_encoding !== 'UTF8') {
      throw new Fault('unsupported', `${connections.address.place} is not in UTF8 but in ${encoding.rows[0]?.server_encoding}`)
    }
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
