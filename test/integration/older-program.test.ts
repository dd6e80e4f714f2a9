/** A program one version older beside this one, over one database: both read and write, until the form of the records is raised. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Server } from '../../src/model/server.ts'
import type { Migration } from '../../src/state/json/migrations.ts'
import { openPostgresStore, type PostgresStore, syncPostgres } from '../../src/state/postgres/postgres-store.ts'
import { ownLists } from '../../src/state/postgres/schema.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { author } from '../contract/store-records.ts'
import { aServer } from '../support/a-server.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)

const colours: Migration = {
  name: 'colours of servers',
  migrate: (table, record) => (table === 'servers' ? { colour: 'grey', ...record } : record),
}
const newer = { ...ownLists, records: [...ownLists.records, colours] }
/** A server as the newer program knows it. */
type Coloured = Server & { readonly colour?: string }

describe.skipIf(obstacle !== undefined)('an older program beside a newer one', () => {
  let postgres: Postgres
  let schemas = 0
  let old: PostgresStore
  let young: PostgresStore
  const options = () => ({ url: postgres.url(`older_${schemas}`), clock, random, fs })
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
  })
  afterAll(async () => postgres.close())
  beforeEach(async () => {
    schemas += 1
    old = await openPostgresStore({ ...options(), coldReads: 0 })
    await old.transaction(author, (tx) => tx.insert('servers', aServer({ id: 'a', name: 'of the older' })))
    young = await openPostgresStore({ ...options(), schema: newer, coldReads: 0 })
  })
  afterEach(async () => {
    await old.close()
    await young.close()
  })
  const read = (store: PostgresStore, id = 'a', moment?: { readonly revision: number }): Promise<Coloured | undefined> =>
    store.read((reader) => reader.get('servers', id), moment)
  const change = (store: PostgresStore, change: Partial<Coloured>) =>
    store.transaction(author, async (tx) => {
      const server = await tx.get('servers', 'a')
      if (server) await tx.update('servers', { ...server, ...change })
    })
  const stored = () =>
    postgres.query(`SELECT schema, record->>'colour' FROM older_${schemas}.versions WHERE tbl = 'servers' ORDER BY revision`)

  it('both read and write the older form, in turns', async () => {
    expect(await read(young)).toMatchObject({ name: 'of the older', colour: 'grey' })
    await change(young, { name: 'of the newer' })
    expect(await read(young)).toMatchObject({ name: 'of the newer', colour: 'grey', generation: 2 })
    expect(await read(old)).toMatchObject({ name: 'of the newer', generation: 2 })
    expect(await read(old)).not.toHaveProperty('colour')
    await change(old, { name: 'of the older again' })
    expect(await read(young)).toMatchObject({ name: 'of the older again', colour: 'grey', generation: 3 })
    expect(stored()).toBe(Array(3).fill(`${ownLists.records.length}|`).join('\n'))
  })

  it('the newer one writes nothing that the older one would lose', async () => {
    await expect(change(young, { colour: 'red', name: 'b' })).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('colour of servers a cannot be written yet'),
      hint: expect.stringContaining('nova db sync'),
    })
    expect(await read(old)).toMatchObject({ name: 'of the older', generation: 1 })
  })

  it('both tell the past, and find by values', async () => {
    await change(young, { name: 'of the newer' })
    for (const store of [old, young]) {
      expect(await read(store, 'a', { revision: 1 })).toMatchObject({ name: 'of the older' })
      expect(await store.history('servers', 'a')).toHaveLength(2)
      expect(await store.read((reader) => reader.list('servers', { where: { name: 'of the newer' } }))).toHaveLength(1)
    }
    expect(await read(young, 'a', { revision: 1 })).toMatchObject({ colour: 'grey' })
    const cold = await openPostgresStore({ ...options(), schema: newer, coldReads: Number.POSITIVE_INFINITY })
    expect(await cold.read((reader) => reader.count('servers', { where: { name: 'of the newer' } }))).toBe(1)
    await cold.close()
  })

  it('once the form is raised, the newer one writes all it knows, and the older one refuses to go on', async () => {
    await read(old)
    await syncPostgres({ ...options(), schema: newer })
    await change(young, { colour: 'red' })
    expect(await read(young)).toMatchObject({ colour: 'red' })
    const refusal = { kind: 'unsupported' }
    await expect(change(old, { name: 'lost' })).rejects.toMatchObject(refusal)
    await expect(read(old)).rejects.toMatchObject(refusal)
    await expect(openPostgresStore(options())).rejects.toMatchObject({
      ...refusal,
      message: expect.stringContaining(`knows up to ${ownLists.records.length}`),
    })
    expect(await read(young)).toMatchObject({ colour: 'red', name: 'of the older' })
  })
})
