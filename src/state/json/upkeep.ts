import type { Fs } from '../../core/ports.ts'
import type { Store } from '../store.ts'
import type { SchemaFacts, Upkeep } from '../upkeep.ts'
import { readManifest } from './manifest.ts'
import { migrations } from './migrations.ts'
import { verifyJournal } from './verify-journal.ts'

/** The upkeep of a directory of JSON lines: a snapshot is always written in the newest form. */
export function jsonUpkeep(store: Store, directory: string, fs: Fs): Upkeep {
  const facts = async (): Promise<SchemaFacts> => {
    const schema = readManifest(fs, directory)?.manifest.schema ?? migrations.length
    const pending = migrations.slice(schema).map(({ name }) => name)
    return { place: directory, schema, known: migrations.length, pending }
  }
  const sync = async () => {
    const { schema, known } = await facts()
    if (schema < known) await store.compact({ force: true })
  }
  const olderRecords = async () => {
    const manifest = readManifest(fs, directory)?.manifest
    if (!manifest || manifest.schema >= migrations.length) return 0
    return manifest.tables.reduce((sum, table) => sum + table.records, 0)
  }
  return {
    records: migrations.length,
    facts,
    prepare: async () => undefined,
    sync,
    olderRecords,
    async renew() {
      const older = await olderRecords()
      if (older > 0) await sync()
      return older
    },
    verify: () => verifyJournal(directory, fs),
  }
}
