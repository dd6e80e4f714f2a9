import { migrations } from '../json/migrations.ts'
import type { SchemaFacts, Upkeep } from '../upkeep.ts'
import type { Connections } from './connections.ts'
import { sqlMigrations } from './migrations.ts'
import { connectionsOf, type PostgresStoreOptions, syncPostgres } from './postgres-store.ts'
import { olderRecords, renewRecords } from './renew.ts'
import { readSchema } from './schema.ts'
import { verifyDatabase } from './verify.ts'

/** The upkeep of a database; it looks without the store, which does not open while tables are missing. */
export function postgresUpkeep(options: PostgresStoreOptions): Upkeep {
  const known = options.schema ?? { sql: sqlMigrations, records: migrations }
  const connected = async <T>(work: (connections: Connections) => Promise<T>): Promise<T> => {
    const connections = connectionsOf(options)
    return work(connections).finally(() => connections.close())
  }
  const facts = async (connections: Connections): Promise<SchemaFacts> => {
    const found = await readSchema(connections)
    const { tables, records } = found ?? { tables: known.sql.length, records: known.records.length }
    const pending = [...known.sql.slice(tables), ...known.records.slice(records)].map(({ name }) => name)
    const all = known.sql.length + known.records.length
    return { place: connections.address.place, schema: tables + records, known: all, pending }
  }
  return {
    records: known.records.length,
    facts: () => connected(facts),
    prepare: async () => void (await syncPostgres(options, true)),
    sync: async () => void (await syncPostgres(options)),
    olderRecords: () => connected(olderRecords),
    renew: (most) => connected((connections) => renewRecords(connections, most)),
    verify: () => connected(verifyDatabase),
  }
}
