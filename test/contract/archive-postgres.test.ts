import { afterAll, beforeAll, describe } from 'vitest'
import { openPostgresStore } from '../../src/state/postgres/postgres-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'
import { archiveContract } from './archive-contract.ts'

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)

describe.skipIf(obstacle !== undefined)(`PostgreSQL${obstacle === undefined ? '' : ` (${obstacle})`}`, () => {
  let postgres: Postgres
  let schemas = 0
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
  })
  afterAll(async () => postgres.close())

  archiveContract('postgres', async () => {
    schemas += 1
    const options = { url: postgres.url(`archive_${schemas}`), clock: systemClock, random: systemRandom, fs: systemFs }
    const [store, other] = [await openPostgresStore(options), await openPostgresStore(options)]
    return {
      archive: store.archive(),
      other: other.archive(),
      close: async () => {
        await store.close()
        await other.close()
      },
    }
  })
})
