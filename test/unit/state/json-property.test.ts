import { describe, expect, it } from 'vitest'
import { asFault } from '../../../src/core/fault.ts'
import type { TableName } from '../../../src/model/tables.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import type { Store, Transaction } from '../../../src/state/store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { fc } from '../../support/property.ts'
import { aDirectory, aKeypair, aStore, author } from './store-for-tests.ts'

type Step = { readonly do: 'insert' | 'update' | 'remove' | 'fail'; readonly id: string; readonly name: string }
type Command = { readonly steps: readonly Step[] } | 'compact' | 'reopen'

const ids = ['a', 'b', 'c', '__proto__', 'constructor', 'ü/ñ']
const step = fc.record<Step>({
  do: fc.constantFrom('insert', 'insert', 'update', 'update', 'remove', 'fail'),
  id: fc.constantFrom(...ids),
  name: fc.string({ unit: 'binary', maxLength: 6 }),
})
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ steps: fc.array(step, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.constant<Command>('compact') },
  { weight: 1, arbitrary: fc.constant<Command>('reopen') },
)

async function take(tx: Transaction, { do: what, id, name }: Step): Promise<void> {
  const found = await tx.get('keypairs', id)
  if (what === 'insert') await tx.insert('keypairs', aKeypair(id, { name, userId: name.slice(0, 1) || 'u' }))
  else if (what === 'update' && found) await tx.update('keypairs', { ...found, name })
  else if (what === 'remove') await tx.remove('keypairs', id)
  else if (what === 'fail') throw new Error('on purpose')
}

/** How a transaction ended, comparable between stores. */
const outcome = (store: Store, steps: readonly Step[]) =>
  store
    .transaction(author, async (tx) => {
      for (const one of steps) await take(tx, one)
      return tx.list('keypairs', { newestFirst: true })
    })
    .catch((error: unknown) => `${asFault(error).kind}: ${asFault(error).message}`)

const view = (store: Store, moment?: { revision: number }) =>
  store.read(
    async (reader) => [
      reader.revision,
      await reader.list('keypairs'),
      await reader.list('keypairs', { newestFirst: true, limit: 2 }),
      await reader.list('keypairs', { where: { userId: 'u' } }),
      await reader.count('keypairs', { where: { userId: 'u' } }),
    ],
    moment,
  )

describe('the JSON store and the memory store', () => {
  it('agree on every outcome, every list, every past revision and every history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
        const directory = aDirectory()
        const memory = new MemoryStore(systemClock)
        let json = aStore(directory)
        for (const next of commands) {
          if (next === 'compact') await json.compact({ force: true })
          else if (next === 'reopen') {
            await json.close()
            json = aStore(directory)
          } else expect(await outcome(json, next.steps)).toEqual(await outcome(memory, next.steps))
          expect(await view(json)).toEqual(await view(memory))
        }
        const newest = await memory.read(async (reader) => reader.revision)
        for (let revision = 0; revision <= newest; revision += 1) {
          expect(await view(json, { revision })).toEqual(await view(memory, { revision }))
        }
        const table: TableName = 'keypairs'
        for (const id of ids) {
          const undated = async (store: Store) => (await store.history(table, id)).map((one) => ({ ...one, at: '' }))
          expect(await undated(json)).toEqual(await undated(memory))
        }
        await json.close()
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})
