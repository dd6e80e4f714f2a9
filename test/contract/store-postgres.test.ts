/** PostgreSQL passes the contract of stores: over its replica, over bare SQL, and read through a second process's store. */
import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgresStore, type PostgresStore } from '../../src/state/postgres/postgres-store.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'
import { storeContract } from './store-contract.ts'
import { watchContract } from './store-watch-contract.ts'

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
