import { expect, it } from 'vitest'
import type { Clock } from '../../../src/core/ports.ts'
import { verifyJournal } from '../../../src/state/json/verify-journal.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import type { Reader, Store, Transaction } from '../../../src/state/store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { fc } from '../../support/property.ts'
import { aDirectory, aKeypair, aStore, author } from './store-for-tests.ts'

type Change = { readonly id: number; readonly user: number | null }

const present = 30
const change = fc.record<Change>({ id: fc.nat(present + 5), user: fc.option(fc.nat(3), { nil: null }) })
const transactions = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 })

/** Each look at it says that a slice is over, so that a snapshot lets others in between any two records. */
function hurriedClock(): Clock {
  let now = 0
  return { ...systemClock, monotonic: () => (now += 10) }
}

async function make(tx: Transaction, changes: readonly Change[]): Promise<void> {
  for (const { id, user } of changes) {
    const found = await tx.get('keypairs', `k${id}`)
    if (user === null) await tx.remove('keypairs', `k${id}`)
    else if (found) await tx.update('keypairs', { ...found, userId: `u${user}` })
    else await tx.insert('keypairs', aKeypair(`k${id}`, { userId: `u${user}` }))
  }
}

async function look(reader: Reader): Promise<unknown[]> {
  const ofUser = (user: number) => reader.list('keypairs', { where: { userId: `u${user}` } })
  const all = [reader.revision, await reader.list('keypairs'), await reader.list('keypairs', { newestFirst: true, limit: 3 })]
  // Asked often enough for an index in memory.
  for (let round = 0; round < 3; round += 1) for (let user = 0; user < 4; user += 1) all.push(await ofUser(user))
  return all
}

const view = (store: Store) => store.read(look)

async function filled<S extends Store>(store: S): Promise<S> {
  const all = Array.from({ length: present }, (_, id) => ({ id, user: id % 4 }))
  for (const changes of [all, all.slice(3, 6).map(({ id }) => ({ id, user: null })), all.slice(4, 8)])
    await store.transaction(author, (tx) => make(tx, changes))
  return store
}

it('records that change while a snapshot is written are seen by all readers as without it', async () => {
  await fc.assert(
    fc.asyncProperty(transactions, transactions, async (before, during) => {
      const directory = aDirectory()
      const memory = await filled(new MemoryStore(systemClock))
      const json = await filled(aStore(directory, { clock: hurriedClock(), lockTimeoutMs: Number.MAX_SAFE_INTEGER }))
      const both = async (changes: readonly Change[]) => {
        for (const store of [json, memory]) await store.transaction(author, (tx) => make(tx, changes))
      }
      await json.compact({ force: true })
      for (const changes of before) await both(changes)
      expect(await view(json)).toEqual(await view(memory))
      await json.read(async (reader) => {
        const seen = await look(reader)
        const compacting = json.compact({ force: true })
        for (const changes of during) {
          await both(changes)
          expect(await view(json)).toEqual(await view(memory))
        }
        await compacting
        expect(await look(reader)).toEqual(seen)
      })
      expect(await view(json)).toEqual(await view(memory))
      await both([{ id: 1, user: 3 }])
      expect(await view(json)).toEqual(await view(memory))
      expect(await view(aStore(directory))).toEqual(await view(memory))
      expect(await verifyJournal(directory, systemFs)).toMatchObject({ problems: [] })
      await json.close()
    }),
    { numRuns: 12 },
  )
}, 120_000)
