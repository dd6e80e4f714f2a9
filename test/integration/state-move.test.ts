/** Moving a state between a directory and a database, there and back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Tree } from '../../src/state/archive.ts'
import { written } from '../../src/state/archive.ts'
import { fileVault } from '../../src/state/file-vault.ts'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { movableJson } from '../../src/state/json/movable-json.ts'
import { verifyJournal } from '../../src/state/json/verify-journal.ts'
import type { Movable } from '../../src/state/movable.ts'
import { moveState } from '../../src/state/move-state.ts'
import { openPostgresStore, syncPostgres } from '../../src/state/postgres/postgres-store.ts'
import { ownLists } from '../../src/state/postgres/schema.ts'
import type { StoredRecord } from '../../src/state/record.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemProcesses as processes } from '../../src/system/processes.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { aTree } from '../contract/archive-contract.ts'
import { aKeypair, author } from '../contract/store-records.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)
const nothing = () => undefined

describe.skipIf(obstacle !== undefined)('a state in PostgreSQL', () => {
  let postgres: Postgres
  let home: string
  let schemas = 0
  const opened: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
  })
  afterAll(async () => postgres.close())
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'nk-'))
    schemas += 1
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
    rmSync(home, { recursive: true, force: true })
  })

  const keep = <T extends { close(): Promise<void> }>(one: T): T => {
    opened.push(one)
    return one
  }
  const options = () => ({ url: postgres.url(`move_${schemas}`), clock, random, fs, coldReads: 0 })
  const database = async () => keep(await openPostgresStore(options()))
  function directory(name: string, time = clock): { store: Store; movable: Movable } {
    const path = join(home, name)
    const store = keep(openJsonStore({ directory: path, fs, clock: time }))
    return { store, movable: movableJson(store, path, fs, fileVault({ directory: `${path}/vault`, fs, processes })) }
  }

  async function fill(store: Store): Promise<void> {
    for (const id of ['a', 'b\u0000\ud800', 'c', 'ключ/🔑']) {
      await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id.slice(0, 1) + id.length, { name: id })))
    }
    await store.transaction({ ...author, actor: 'bob' }, async (tx) => {
      const found = await tx.get('keypairs', 'a1')
      if (found) await tx.update('keypairs', { ...found, name: 'changed' })
      await tx.remove('keypairs', 'c1')
      await tx.insert('keypairs', aKeypair('c1', { name: 'again' }))
    })
  }
  const everything = async (store: Store) => ({
    records: await store.read(async (reader) => [reader.revision, await reader.list('keypairs')]),
    history: await store.history('keypairs', 'a1'),
    past: await store.read((reader) => reader.list('keypairs'), { revision: 3 }),
  })

  it('moves there and back with generations, history, order and secrets', async () => {
    const [from, back] = [directory('from'), directory('back')]
    await fill(from.store)
    await from.movable.vault.put('server-1', 'user_data', '#!/bin/sh')
    const before = await everything(from.store)
    const store = await database()
    const report = await moveState(from.movable, store.movable(), nothing)
    expect(report).toMatchObject({ revisions: 5, secrets: 1, resumedAt: 0 })
    expect(await everything(store)).toEqual(before)
    expect(await store.vault.get('server-1', 'user_data')).toBe('#!/bin/sh')
    const again = await moveState(store.movable(), back.movable, nothing)
    expect([again.stateHash, again.historyHash]).toEqual([report.stateHash, report.historyHash])
    expect(await everything(back.store)).toEqual(before)
    await back.store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('new')))
  })

  it('takes a history whose older revisions were purged along, there and back', async () => {
    let now = Date.UTC(2026, 0, 1)
    const slowly = { ...clock, wall: () => (now += 3_600_000) }
    const [from, back] = [directory('from', slowly), directory('back')]
    await fill(from.store)
    expect(await from.store.purgeHistory?.(new Date(now - 3_600_000).toISOString())).toEqual({ revisions: 3, changes: 3 })
    await from.store.transaction(author, (tx) => tx.remove('keypairs', 'a1'))
    const before = { ...(await everything(from.store)), start: await from.store.historyStart?.() }
    expect(before.start).toMatchObject({ revision: 3 })
    const store = await database()
    const killed = { ...store.movable(), replay: () => Promise.reject(new Error('killed')) }
    await expect(moveState(from.movable, killed, nothing)).rejects.toThrow('killed')
    const report = await moveState(from.movable, store.movable(), nothing)
    expect(report).toMatchObject({ revisions: 6, resumedAt: 3 })
    const killedBack = { ...back.movable, replay: () => Promise.reject(new Error('killed')) }
    await expect(moveState(store.movable(), killedBack, nothing)).rejects.toThrow('killed')
    const again = await moveState(store.movable(), directory('back').movable, nothing)
    expect(again).toMatchObject({ stateHash: report.stateHash, historyHash: report.historyHash, resumedAt: 3 })
    for (const moved of [store, back.store]) {
      expect({ ...(await everything(moved)), start: await moved.historyStart?.() }).toEqual(before)
      await expect(moved.read((reader) => reader.count('keypairs'), { revision: 2 })).rejects.toMatchObject({ kind: 'not-found' })
    }
    await back.store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('new')))
    expect(await verifyJournal(join(home, 'back'), fs)).toMatchObject({ problems: [], survives: [[4, 7]] })
  })

  it('takes the archive along, there and back, with what its archiver left open', async () => {
    const [from, back] = [directory('from'), directory('back')]
    await fill(from.store)
    const trees = ['a', 'b', 'c'].map((id) => aTree(id))
    const { archive } = from.movable
    await archive.alone(async () => {
      await archive.add(trees.map(written))
      await archive.settle(['a', 'c'])
    })
    const movable = (await database()).movable()
    // Killed when all trees are there, and none is known to be there alone.
    const killed = new Proxy(movable.archive, {
      get: (own, name) => (name === 'settle' ? () => Promise.reject(new Error('killed')) : Reflect.get(own, name).bind(own)),
    })
    await expect(moveState(from.movable, { ...movable, archive: killed }, nothing)).rejects.toThrow('killed')
    const report = await moveState(from.movable, movable, nothing)
    expect(report).toMatchObject({ archived: 3, resumedAt: 5 })
    const again = await moveState(movable, back.movable, nothing)
    expect(again).toMatchObject({ archived: 3, archiveHash: report.archiveHash })
    const found: Tree[] = []
    for await (const tree of back.movable.archive.trees()) found.push(tree)
    expect(found).toEqual(trees)
    expect(await back.movable.archive.unsettled()).toEqual(['b'])
  })

  it('leaves the source readable, and refuses writes to it with the new place', async () => {
    const from = directory('from')
    await fill(from.store)
    const store = await database()
    await moveState(from.movable, store.movable(), nothing)
    const late = directory('from').store
    expect(await late.read((reader) => reader.count('keypairs'))).toBe(4)
    await expect(late.transaction(author, (tx) => tx.remove('keypairs', 'a1'))).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining(`was moved to ${store.place}`),
    })
  })

  it('goes on where an interrupted move ended, and never mixes two states', async () => {
    const [from, other] = [directory('from'), directory('other')]
    await fill(from.store)
    await fill(other.store)
    const store = await database()
    let copies = 0
    const killed: Movable = {
      ...store.movable(),
      replay: async (revisions) => {
        copies += 1
        await store.replay(revisions.slice(0, 2))
        throw new Error('killed')
      },
    }
    await expect(moveState(from.movable, killed, nothing)).rejects.toThrow('killed')
    await expect(moveState(other.movable, store.movable(), nothing)).rejects.toMatchObject({ kind: 'exists' })
    expect(await moveState(from.movable, store.movable(), nothing)).toMatchObject({ resumedAt: 2, revisions: 5 })
    await expect(moveState(other.movable, store.movable(), nothing)).rejects.toMatchObject({ kind: 'exists' })
    expect(copies).toBe(1)
  })

  it('is refused by an older program when a newer one has raised the form of its records, and nothing is touched', async () => {
    const store = await database()
    await fill(store)
    const later = { name: 'later', migrate: (_: unknown, record: StoredRecord) => record }
    const sql = [...ownLists.sql, { name: 'more', sql: 'CREATE TABLE more (n integer)' }]
    const newer = { sql, records: [...ownLists.records, later] }
    expect(await syncPostgres({ ...options(), schema: newer }, true)).toMatchObject({ applied: ['more'] })
    const beside = await openPostgresStore(options())
    await beside.transaction(author, (tx) => tx.remove('keypairs', 'a1'))
    await beside.close()
    const form = ownLists.records.length + 1
    expect(await syncPostgres({ ...options(), schema: newer })).toMatchObject({ applied: [`form ${form} of records`] })
    expect(await syncPostgres({ ...options(), schema: newer })).toMatchObject({ applied: [] })
    const before = postgres.query(`SELECT * FROM move_${schemas}.head`)
    await expect(openPostgresStore(options())).rejects.toMatchObject({
      kind: 'unsupported',
      message: expect.stringContaining('knows up to'),
    })
    await expect(syncPostgres(options())).rejects.toMatchObject({ kind: 'unsupported' })
    expect(postgres.query(`SELECT * FROM move_${schemas}.head`)).toBe(before)
    const older = { ...newer, sql: [...newer.sql, { name: 'another', sql: 'SELECT 1' }] }
    await expect(openPostgresStore({ ...options(), schema: older })).rejects.toMatchObject({
      hint: expect.stringContaining('db sync'),
    })
  })
})
