import { migrations } from '../json/migrations.ts'
import type { SchemaFacts, Upkeep } from '../upkeep.ts'
import { sqlMigrations } from './migrations.ts'
import { connectionsOf, type PostgresStoreOptions, syncPostgres } from './postgres-store.ts'
import { readSchema } from './schema.ts'

/** The upkeep of a database; it looks without the store, which does not open while tables are missing. */
export const postgresUpkeep = (options: PostgresStoreOptions): Upkeep => ({
  records: migrations.length,
  async facts(): Promise<SchemaFacts> {
    const connections = connectionsOf(options)
    try {
      const found = await readSchema(connections)
      const { tables, records } = found ?? { tables: sqlMigrations.length, records: migrations.length }
      const pending = [...sqlMigrations.slice(tables), ...migrations.slice(records)].map(({ name }) => name)
      const known = sqlMigrations.length + migrations.length
      return { place: connections.address.place, schema: tables + records, known, pending }
    } finally {
      await connections.close()
    }
  },
  prepare: async () => void (await syncPostgres(options, true)),
  sync: async () => void (await syncPostgres(options)),
})
