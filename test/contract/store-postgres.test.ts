/** PostgreSQL passes the contract of stores: over its replica, over bare SQL, and read through a second process's store. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { openPostgresStore, type PostgresStore } from '../../src/state/postgres/postgres-store.ts'
import { serviceReports } from '../../src/state/services.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemProcesses } from '../../src/system/processes.ts'
import { systemRandom } from '../../src/system/random.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'
import { storeContract } from './store-contract.ts'
import { author } from './store-records.ts'
import { watchContract } from './store-watch-contract.ts'
import { undoContract } from './undo-contract.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)

describe.skipIf(obstacle !== undefined)(`PostgreSQL${obstacle === undefined ? '' : ` (${obstacle})`}`, () => {
  let postgres: Postgres
  let schemas = 0

  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
  })
  afterAll(async () => postgres.close())

  async function aStore(coldReads: number, wrap: (store: PostgresStore, other: PostgresStore) => Store = (store) => store) {
    let now = 0
    schemas += 1
    const clock = { ...systemClock, wall: () => now }
    const options = { url: postgres.url(`contract_${schemas}`), clock, random: systemRandom, fs: systemFs, coldReads }
    const store = await openPostgresStore(options)
    const other = await openPostgresStore(options)
    const setTime = (ms: number) => {
      now = ms
    }
    const close = async () => {
      await store.close()
      await other.close()
    }
    return { store: wrap(store, other), setTime, close }
  }

  storeContract('postgres, in memory', () => aStore(0), { hasMoments: true })
  storeContract('postgres, by SQL', () => aStore(Number.POSITIVE_INFINITY, readThrough), { hasMoments: true })
  storeContract('postgres, read through a second store', () => aStore(0, readThrough), { hasMoments: true })
  undoContract('postgres', () => aStore(0), { numRuns: 2, maxLength: 12 })
  describe('reports of services', () => {
    const facts = (pid = 1) => ({
      ...{ id: 'c1', roles: ['conductor' as const], hosts: [], version: '1.0', reportSeconds: 10 },
      process: { pid, startTime: '1', bootId: 'elsewhere' },
      understands: { records: 1, messages: 2 },
    })
    const reports = (store: Store) =>
      serviceReports({ store, clock: systemClock, processes: systemProcesses, downAfterMs: 60_000 })
    const open = async () => {
      schemas += 1
      const options = { url: postgres.url(`contract_${schemas}`), clock: systemClock, random: systemRandom, fs: systemFs }
      const opened = [0, Number.POSITIVE_INFINITY].map((coldReads) => openPostgresStore({ ...options, coldReads }))
      const [store, other] = await Promise.all(opened)
      if (!store || !other) return expect.unreachable()
      onTestFinished(async () => void (await Promise.all([store.close(), other.close()])))
      return { store, other, schema: `contract_${schemas}` }
    }
    const seenBy = (store: Store) => store.read(async (reader) => (await reader.get('services', 'c1'))?.lastSeen ?? '')

    it('leave no revision, and are seen by everybody', async () => {
      const { store, other } = await open()
      await reports(store).report(facts())
      const first = await seenBy(store)
      const later = async () => {
        for (;;) {
          await reports(store).report(facts())
          const seen = await seenBy(other)
          if (seen > first) return seen
        }
      }
      const seen = await later()
      expect([await seenBy(store), await store.transaction(author, (tx) => tx.get('services', 'c1'))]).toMatchObject([
        seen,
        { lastSeen: seen, generation: 1 },
      ])
      expect(await store.read(async (reader) => reader.revision)).toBe(1)
      expect(await store.history('services', 'c1')).toHaveLength(1)
      expect(await reports(other).alive()).toMatchObject([{ id: 'c1' }])
      expect(await store.read((reader) => reader.get('services', 'c1'), { revision: 1 })).toMatchObject({ lastSeen: first })
    })

    it('make a revision when they say something new, and keep what operators said', async () => {
      const { store, other } = await open()
      await reports(store).report(facts())
      await reports(store).report({ ...facts(), version: '1.1' })
      await other.transaction(author, async (tx) => {
        const service = await tx.get('services', 'c1')
        if (service) await tx.update('services', { ...service, enabled: false, forcedDown: true })
      })
      await reports(store).report({ ...facts(), version: '1.1' })
      expect((await other.history('services', 'c1')).map(({ action }) => action)).toEqual([
        'service.report',
        'service.report',
        author.action,
      ])
      const record = await store.read((reader) => reader.get('services', 'c1'))
      expect(record).toMatchObject({ version: '1.1', enabled: false, forcedDown: true })
      await reports(store).report(facts(2))
      expect(await other.read((reader) => reader.get('services', 'c1'))).toMatchObject({ process: { pid: 2 }, enabled: false })
      await reports(store).end('c1', facts(2).process)
      expect(await other.read((reader) => reader.get('services', 'c1'))).toMatchObject({ process: null })
      expect(await store.read(async (reader) => reader.revision)).toBe(5)
    })

    it('make revisions as long as an older program may read the records', async () => {
      const { store, other, schema } = await open()
      await reports(store).report(facts())
      postgres.query(`UPDATE ${schema}.head SET record_schema = record_schema - 1`)
      await reports(store).report(facts())
      expect(await other.history('services', 'c1')).toHaveLength(2)
    })
  })

  describe('leases', () => {
    it('go on without revisions, end by the clock of the database, and go over when they are given back', async () => {
      schemas += 1
      const options = {
        url: postgres.url(`contract_${schemas}`),
        clock: systemClock,
        random: systemRandom,
        fs: systemFs,
        coldReads: 0,
      }
      const [store, other] = [await openPostgresStore(options), await openPostgresStore(options)]
      onTestFinished(async () => void (await Promise.all([store.close(), other.close()])))
      const until = await store.now()
      await store.transaction(author, (tx) => tx.insert('leases', { id: 'periodic', holder: 'one', until: until + 3_600_000 }))
      expect(await other.renewLease('periodic', 'two', 60_000)).toBe(false)
      expect(await store.renewLease('periodic', 'one', 7_200_000)).toBe(true)
      const lease = () => other.read((reader) => reader.get('leases', 'periodic'))
      expect(await lease()).toMatchObject({ holder: 'one', generation: 1 })
      expect((await lease())?.until).toBeGreaterThanOrEqual(until + 7_200_000)
      expect(await other.transaction(author, async (tx) => (await tx.get('leases', 'periodic'))?.until)).toBe(
        (await lease())?.until,
      )
      expect(await store.renewLease('periodic', 'one', -1000)).toBe(true)
      expect((await lease())?.until).toBe(until + 3_600_000)
      await other.transaction(author, (tx) =>
        tx.update('leases', { id: 'periodic', generation: 1, holder: 'two', until: until - 1 }),
      )
      expect(await lease()).toMatchObject({ holder: 'two', until: until - 1 })
      expect([await store.renewLease('periodic', 'one', 60_000), await other.renewLease('periodic', 'two', 60_000)]).toEqual([
        false,
        false,
      ])
      expect(await store.read(async (reader) => reader.revision)).toBe(2)
    })
  })

  watchContract('postgres', () => aStore(0))
  watchContract('postgres, watched by another process', () => aStore(0, readThrough))
})

/** Reads and watches happen in another process's place. */
const readThrough = (store: PostgresStore, other: PostgresStore): Store => ({
  read: (body, moment) => other.read(body, moment),
  history: (table, id) => other.history(table, id),
  historyStart: () => other.historyStart(),
  purgeHistory: (before, options) => store.purgeHistory(before, options),
  watch: (from, signal) => other.watch(from, signal),
  compact: () => store.compact(),
  close: () => store.close(),
  transaction: (authorship, body) => store.transaction(authorship, body),
})
