/** Row R17: what was acknowledged is there after every fault of the database, once; what failed is there once or not at all. */
import { execFileSync, spawn } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { openPostgresStore, type PostgresStore } from '../../src/state/postgres/postgres-store.ts'
import { systemClock as clock } from '../../src/system/clock.ts'
import { systemFs as fs } from '../../src/system/fs.ts'
import { systemRandom as random } from '../../src/system/random.ts'
import { aKeypair, author } from '../contract/store-records.ts'
import { commitCutter } from '../support/commit-cutter.ts'
import { type Postgres, type PostgresOptions, postgresObstacle, startPostgres } from '../support/postgres.ts'
import { smallDisk } from '../support/small-disk.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)
const bank = fileURLToPath(new URL('../torture/bank-process.ts', import.meta.url))
const closers: (() => unknown)[] = []
const disks = smallDisk()

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  disks.unmount()
})

async function aServer(options: PostgresOptions = {}): Promise<Postgres> {
  const postgres = await startPostgres(options)
  closers.push(() => postgres.close())
  return postgres
}

async function aStore(
  url: string,
  more: { patienceMs?: number; lockTimeoutMs?: number; coldReads?: number } = {},
): Promise<PostgresStore> {
  const store = await openPostgresStore({ url, clock, random, fs, ...more })
  closers.push(() => store.close())
  return store
}

describe.skipIf(obstacle !== undefined)('PostgreSQL under faults', () => {
  it.each(['healthy', 'killed', 'restarted'])('four processes keep the sum and every entry (%s)', async (kind) => {
    const postgres = await aServer()
    const store = await aStore(postgres.url())
    await openAccounts(store)
    const count = 60
    let heard = 0
    const workers = ['w1', 'w2', 'w3', 'w4'].map((name) => runBank(postgres.url(), name, count, () => (heard += 1)))
    let faults = 0
    for (let done = false; kind !== 'healthy' && !done; ) {
      const before = heard
      done = await Promise.race([Promise.all(workers).then(() => true), untilMore(() => heard > before + 20)])
      if (done || faults === 4) break
      await (kind === 'killed' ? postgres.kill9() : postgres.stop())
      await postgres.start()
      faults += 1
    }
    const told = (await Promise.all(workers)).flat()
    if (kind !== 'healthy') expect(faults).toBeGreaterThan(0)
    expect(told.length).toBeGreaterThanOrEqual(kind === 'healthy' ? 4 * count : count)
    await expectWhole(store, told)
  })

  it.each([
    ['after', 'the answer is lost'],
    ['before', 'the request is lost'],
  ] as const)('a connection cut %s COMMIT (%s) has one effect', async (when, _why) => {
    const postgres = await aServer()
    const proxy = await commitCutter(postgres.port)
    closers.push(proxy.close)
    const store = await aStore(postgres.url('novakit', proxy.port))
    await openAccounts(store)
    for (let n = 0; n < 10; n += 1) {
      proxy.cut(when)
      await append(store, `entry-${n}`)
    }
    expect(proxy.cuts()).toBe(10)
    await expectWhole(
      store,
      Array.from({ length: 10 }, (_, n) => `entry-${n}`),
    )
    expect(await store.read(async (reader) => reader.revision)).toBe(11)
  })

  it('says whether nothing was changed when others wrote before it came back', async () => {
    const postgres = await aServer()
    const proxy = await commitCutter(postgres.port)
    closers.push(proxy.close)
    const [store, other] = [await aStore(postgres.url('novakit', proxy.port)), await aStore(postgres.url())]
    await openAccounts(other)
    // What it reads to begin with ends with a COMMIT as well.
    await append(store, 'first')
    proxy.cut('before', () => append(other, 'theirs'))
    await expect(append(store, 'ours')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('nothing was changed'),
    })
    await append(store, 'ours-again')
    expect(await listOf(store)).toEqual(['first', 'theirs', 'ours-again'])
  })

  it('takes over what a standby has that never had the last commits', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'nk-pg-'))
    closers.push(() => rmSync(directory, { recursive: true, force: true }))
    const postgres = await aServer({ directory })
    const [store, other] = [await aStore(postgres.url(), { coldReads: 0 }), await aStore(postgres.url())]
    await openAccounts(store)
    await append(store, 'kept')
    await postgres.stop()
    execFileSync('cp', ['-a', join(directory, 'data'), join(directory, 'standby')])
    await postgres.start()
    for (const entry of ['lost', 'lost-too']) await append(store, entry)
    expect(await listOf(store)).toEqual(['kept', 'lost', 'lost-too'])
    await postgres.kill9()
    rmSync(join(directory, 'data'), { recursive: true })
    execFileSync('cp', ['-a', join(directory, 'standby'), join(directory, 'data')])
    await postgres.start()
    // As many revisions as were lost, so that the number alone tells nothing.
    for (const entry of ['new', 'newer']) await append(other, entry)
    expect(await listOf(store)).toEqual(['kept', 'new', 'newer'])
    await append(store, 'newest')
    expect(await listOf(other)).toEqual(['kept', 'new', 'newer', 'newest'])
  })

  it('names the place and not the password when nobody answers, in time', async () => {
    const postgres = await aServer({ fsync: false })
    const store = await aStore(postgres.url(), { patienceMs: 3000 })
    await openAccounts(store)
    await postgres.stop()
    await expect(append(store, 'x')).rejects.toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining(`postgres://127.0.0.1:${postgres.port}/nova`),
    })
    await postgres.start()
    await append(store, 'y')
    expect(await listOf(store)).toEqual(['y'])
  })

  it('waits for the lock no longer than it may, and changes nothing', async () => {
    const postgres = await aServer({ fsync: false })
    const [store, holder] = [await aStore(postgres.url(), { lockTimeoutMs: 2000 }), await aStore(postgres.url())]
    await openAccounts(store)
    const held = holder.movable().leave(async () => {
      await expect(append(store, 'late')).rejects.toMatchObject({ kind: 'timeout' })
      throw new Error('stays')
    })
    await expect(held).rejects.toThrow('stays')
    await append(store, 'in-time')
    expect(await listOf(store)).toEqual(['in-time'])
  })

  it.runIf(smallDisk.isPossible)('keeps what it acknowledged when the disk is full', async () => {
    const directory = disks.mount('120m')
    const postgres = await aServer({
      directory,
      settings: ["min_wal_size = '32MB'", "max_wal_size = '32MB'", 'wal_recycle = off'],
    })
    const store = await aStore(postgres.url(), { patienceMs: 3000 })
    await openAccounts(store)
    const told: string[] = []
    const ballast = join(directory, 'ballast')
    writeFileSync(ballast, '')
    chownSync(ballast, 0, 0)
    fillDisk(ballast)
    let refused = 0
    for (let n = 0; n < 400 && refused === 0; n += 1) {
      await append(store, `entry-${n}`, 200_000).then(
        () => told.push(`entry-${n}`),
        () => (refused += 1),
      )
    }
    expect(refused).toBe(1)
    rmSync(ballast)
    await postgres.kill9()
    await postgres.start()
    await append(store, 'afterwards')
    await expectWhole(store, [...told, 'afterwards'])
  })
})

async function openAccounts(store: PostgresStore): Promise<void> {
  await store.transaction(author, async (tx) => {
    for (let n = 0; n < 5; n += 1) await tx.insert('keypairs', aKeypair(`account-${n}`, { name: '100' }))
    await tx.insert('keypairs', aKeypair('list', { publicKey: '' }))
  })
}

/** Adds an entry to the list; `ballast` bytes go with it in a record of their own. */
const append = (store: PostgresStore, entry: string, ballast = 0) =>
  store.transaction({ ...author, request: entry }, async (tx) => {
    const list = await tx.get('keypairs', 'list')
    if (list) await tx.update('keypairs', { ...list, publicKey: `${list.publicKey}|${entry}` })
    const noise = Array.from({ length: ballast / 8 }, () => Math.random().toString(36).slice(2, 10)).join('')
    if (ballast > 0) await tx.insert('keypairs', aKeypair(entry, { publicKey: noise }))
  })

const listOf = async (store: PostgresStore) =>
  ((await store.read((reader) => reader.get('keypairs', 'list')))?.publicKey ?? '').split(/[| ]/).filter(Boolean)

/** The sum is constant, every acknowledged entry is there, none is there twice, and revisions have no gap. */
async function expectWhole(store: PostgresStore, told: readonly string[]): Promise<void> {
  const accounts = await store.read((reader) => reader.list('keypairs', { where: { userId: 'u' } }))
  const sum = accounts.filter(({ id }) => id.startsWith('account-')).reduce((total, { name }) => total + Number(name), 0)
  const entries = await listOf(store)
  expect(sum).toBe(500)
  expect(new Set(entries).size).toBe(entries.length)
  expect(told.filter((entry) => !entries.includes(entry))).toEqual([])
  const history = await store.history('keypairs', 'list')
  expect(history.map(({ revision }) => revision)).toEqual(history.map((_, index) => index + 1))
  expect(history).toHaveLength(entries.length + 1)
}

function runBank(url: string, name: string, count: number, onEntry: () => void): Promise<string[]> {
  const worker = spawn(process.execPath, ['--import', 'tsx', bank, url, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const entries: string[] = []
  worker.stdout.on('data', (bytes: Buffer) => {
    for (const entry of bytes.toString().split('\n').filter(Boolean)) {
      entries.push(entry)
      onEntry()
    }
  })
  return new Promise((resolve) => worker.once('exit', () => resolve(entries)))
}

async function untilMore(isMore: () => boolean): Promise<false> {
  while (!isMore()) await new Promise((resolve) => setTimeout(resolve, 10))
  return false
}

/** Zeros until there is no room; a few pages are left for the server to work with. */
function fillDisk(path: string): void {
  const block = Buffer.alloc(1024 * 1024)
  try {
    for (;;) writeFileSync(path, block, { flag: 'a' })
  } catch {
    // Full.
  }
}
