/** Undo from history over every store, and where history was purged. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { MemoryStore } from '../../src/state/memory.ts'
import { openPostgresStore } from '../../src/state/postgres/postgres-store.ts'
import type { Store } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { type Postgres, postgresObstacle, startPostgres } from '../support/postgres.ts'
import { start, undoContract } from './undo-contract.ts'

/** Real waits, wall time by hand. */
function aClock() {
  let now = start
  const setTime = (ms: number) => {
    now = ms
  }
  return { setTime, clock: { ...systemClock, wall: () => now } }
}

async function aMemoryStore() {
  const { clock, setTime } = aClock()
  return { store: new MemoryStore(clock), setTime, close: async () => undefined }
}
undoContract('memory', aMemoryStore, 25, 25)

async function aJsonStore(wrap: (store: Store) => Store = (store) => store) {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  const { clock, setTime } = aClock()
  const store = openJsonStore({ directory, fs: systemFs, clock })
  const close = async () => {
    await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { store: wrap(store), setTime, close }
}

undoContract('files', aJsonStore, 3, 15)

/** What is undone is then in sealed segments alone. */
const compacted = (store: Store): Store => ({
  read: (body, moment) => store.read(body, moment),
  history: (table, id) => store.history(table, id),
  historyStart: async () => store.historyStart?.(),
  purgeHistory: async (before) => (await store.purgeHistory?.(before)) ?? { revisions: 0, changes: 0 },
  watch: (from, signal) => store.watch?.(from, signal) ?? expect.unreachable(),
  compact: (options) => store.compact(options),
  close: () => store.close(),
  async transaction(authorship, body) {
    const result = await store.transaction(authorship, body)
    await store.compact({ force: true })
    return result
  },
})
undoContract('files, compacted after every transaction', () => aJsonStore(compacted), 1, 8)

const obstacle = postgresObstacle()
if (obstacle !== undefined && process.env.CI === 'true') throw new Error(obstacle)

describe.skipIf(obstacle !== undefined)(`PostgreSQL${obstacle === undefined ? '' : ` (${obstacle})`}`, () => {
  let postgres: Postgres
  let schemas = 0
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: false })
  })
  afterAll(async () => postgres.close())

  undoContract(
    'PostgreSQL',
    async () => {
      schemas += 1
      const { clock, setTime } = aClock()
      const store = await openPostgresStore({ url: postgres.url(`undo_${schemas}`), clock, random: systemRandom, fs: systemFs })
      return { store, setTime, close: () => store.close() }
    },
    2,
    12,
  )
})
