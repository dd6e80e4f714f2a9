import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Migration } from '../../../src/state/json/migrations.ts'
import { migrations } from '../../../src/state/json/migrations.ts'
import { verifyJournal } from '../../../src/state/json/verify-journal.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aDirectory, addKeypair, aStore, contentsOf, renameKeypair } from './store-for-tests.ts'

const louder: Migration = {
  name: 'names in capitals',
  migrate: (_, record) => ({ ...record, name: String(record.name).toUpperCase() }),
}
const newer = { migrations: [...migrations, louder] }

const contentOfFiles = (directory: string) =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, readFileSync(join(directory, name), 'hex')])

describe('migrations', () => {
  it('reads records of the snapshot, the journal and the past in the newest form', async () => {
    const directory = aDirectory()
    const old = aStore(directory)
    await addKeypair(old, 'a')
    await old.compact({ force: true })
    await addKeypair(old, 'b')
    const before = contentOfFiles(directory)
    const store = aStore(directory, newer)
    expect(await contentsOf(store)).toMatchObject({ revision: 2, keypairs: [{ name: 'A' }, { name: 'B' }] })
    expect(await contentsOf(store, { revision: 1 })).toMatchObject({ keypairs: [{ name: 'A' }] })
    expect((await store.history('keypairs', 'b'))[0]?.changes[0]?.record).toMatchObject({ name: 'B' })
    expect(contentOfFiles(directory)).toEqual(before)
  })

  it('continues in the newest form from the first write on, and finds by new values', async () => {
    const directory = aDirectory()
    const old = aStore(directory)
    await addKeypair(old, 'a')
    await old.close()
    const store = aStore(directory, newer)
    await renameKeypair(store, 'a', 'mixed Case')
    await store.compact({ force: true })
    expect(await contentsOf(aStore(directory, newer))).toMatchObject({ revision: 2, keypairs: [{ name: 'mixed Case' }] })
    expect((await verifyJournal(directory, systemFs)).problems).toEqual([])
  })

  it('refuses a directory of a newer schema and touches nothing', async () => {
    const directory = aDirectory()
    const store = aStore(directory, newer)
    await addKeypair(store, 'a')
    await store.close()
    const before = contentOfFiles(directory)
    const problem = {
      kind: 'unsupported',
      message: `${directory} has schema ${migrations.length + 1}, this program knows schemas up to ${migrations.length}`,
    }
    await expect(contentsOf(aStore(directory))).rejects.toMatchObject(problem)
    await expect(addKeypair(aStore(directory), 'b')).rejects.toMatchObject(problem)
    expect(contentOfFiles(directory)).toEqual(before)
  })
})
