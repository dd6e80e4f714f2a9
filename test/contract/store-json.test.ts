import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { openJsonStore } from '../../src/state/json/json-store.ts'
import type { Store, Transaction } from '../../src/state/store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { storeContract } from './store-contract.ts'
import { watchContract } from './store-watch-contract.ts'
import { undoContract } from './undo-contract.ts'

function aJsonStore(wrap: (store: Store, reopen: () => Store) => Store) {
  const directory = mkdtempSync(join(tmpdir(), 'nk-'))
  let now = 0
  const opened: Store[] = []
  const reopen = () => {
    const store = openJsonStore({ directory, fs: systemFs, clock: { ...systemClock, wall: () => now } })
    opened.push(store)
    return store
  }
  const setTime = (ms: number) => {
    now = ms
  }
  const close = async () => {
    for (const store of opened) await store.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { store: wrap(reopen(), reopen), setTime, close }
}

storeContract('json', async () => aJsonStore((store) => store), { hasMoments: true })
watchContract('json', async () => aJsonStore((store) => store))
watchContract('json, watched by another process', async () => aJsonStore(readThrough))

/** Everything goes through a snapshot: each transaction is followed by a compaction. */
const aCompactedStore = async () => aJsonStore(compacted)
storeContract('json, compacted after every transaction', aCompactedStore, { hasMoments: true })

undoContract('json', async () => aJsonStore((store) => store), { numRuns: 3, maxLength: 15 })
undoContract('json, compacted after every transaction', aCompactedStore, { numRuns: 1, maxLength: 8 })

function compacted(store: Store): Store {
  return {
    read: (body, moment) => store.read(body, moment),
    history: (table, id) => store.history(table, id),
    historyStart: () => store.historyStart?.() ?? expect.unreachable(),
    purgeHistory: (before, options) => store.purgeHistory?.(before, options) ?? expect.unreachable(),
    watch: (from, signal) => store.watch?.(from, signal) ?? expect.unreachable(),
    compact: (options) => store.compact(options),
    close: () => store.close(),
    async transaction(authorship, body) {
      const result = await store.transaction(authorship, body)
      await store.compact({ force: true })
      return result
    },
  }
}

/** Reads happen in another process's place: a second store over the same directory. */
storeContract('json, read through a second store', async () => aJsonStore(readThrough), { hasMoments: true })

function readThrough(store: Store, reopen: () => Store): Store {
  const other = reopen()
  return {
    read: (body, moment) => other.read(body, moment),
    history: (table, id) => other.history(table, id),
    historyStart: () => other.historyStart?.() ?? expect.unreachable(),
    purgeHistory: (before, options) => store.purgeHistory?.(before, options) ?? expect.unreachable(),
    watch: (from, signal) => other.watch?.(from, signal) ?? expect.unreachable(),
    compact: (options) => store.compact(options),
    close: () => store.close(),
    transaction: <T>(authorship: Parameters<Store['transaction']>[0], body: (tx: Transaction) => Promise<T>) =>
      store.transaction(authorship, body),
  }
}
