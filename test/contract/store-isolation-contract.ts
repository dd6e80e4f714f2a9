/** Readers and transactions beside each other; callers that change what they were given. */
import { describe, expect, it } from 'vitest'
import type { StoreUnderTest } from './store-contract.ts'
import { aKeypair, author, withStore } from './store-records.ts'

export function isolationContract(open: () => Promise<StoreUnderTest>): void {
  const run = withStore(open)

  describe('isolation', () => {
    it(
      'shows a transaction its own writes',
      run(async ({ store }) => {
        await store.transaction(author, async (tx) => {
          await tx.insert('keypairs', aKeypair('a', { userId: 'u1' }))
          expect(await tx.get('keypairs', 'a')).toMatchObject({ generation: 1 })
          expect(await tx.count('keypairs', { where: { userId: 'u1' } })).toBe(1)
          await tx.remove('keypairs', 'a')
          expect(await tx.list('keypairs')).toEqual([])
        })
      }),
    )

    it(
      'shows a reader one revision, whatever is committed meanwhile',
      run(async ({ store }) => {
        await store.transaction(author, async (tx) => {
          for (const id of ['a', 'b', 'c']) await tx.insert('keypairs', aKeypair(id))
        })
        const readThen = async () => {
          await store.transaction(author, async (tx) => {
            const found = await tx.get('keypairs', 'b')
            if (found) await tx.update('keypairs', { ...found, name: 'changed' })
            await tx.remove('keypairs', 'a')
            await tx.insert('keypairs', aKeypair('d'))
          })
        }
        await store.read(async (reader) => {
          const before = await reader.list('keypairs')
          await readThen()
          expect(await reader.list('keypairs')).toEqual(before)
          expect(await reader.list('keypairs', { newestFirst: true, limit: 1 })).toEqual(before.slice(2))
          expect(await reader.get('keypairs', 'd')).toBeUndefined()
          expect([reader.revision, await reader.count('keypairs')]).toEqual([1, 3])
        })
        expect(await store.read((reader) => reader.list('keypairs'))).toMatchObject([
          { name: 'changed' },
          { id: 'c' },
          { id: 'd' },
        ])
      }),
    )

    it(
      'runs transactions one after another and loses none',
      run(async ({ store }) => {
        await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('n', { name: '0' })))
        const add = () =>
          store.transaction(author, async (tx) => {
            const found = await tx.get('keypairs', 'n')
            if (found) await tx.update('keypairs', { ...found, name: String(Number(found.name) + 1) })
          })
        await Promise.all(Array.from({ length: 50 }, add))
        expect(await store.read(async (reader) => [reader.revision, await reader.get('keypairs', 'n')])).toMatchObject([
          51,
          { name: '50' },
        ])
      }),
    )

    it(
      'is not changed by callers who change their records',
      run(async ({ store }) => {
        const mine = { ...aKeypair('a') }
        const made = await store.transaction(author, (tx) => tx.insert('keypairs', mine))
        mine.name = 'changed'
        for (let round = 0; round < 6; round += 1) {
          for (const record of [made, await store.read((reader) => reader.get('keypairs', 'a'))]) {
            try {
              Object.assign(record ?? {}, { name: 'changed' })
            } catch {
              // Frozen is as good as copied.
            }
          }
        }
        expect(await store.read((reader) => reader.get('keypairs', 'a'))).toMatchObject({ name: 'a' })
      }),
    )

    it(
      'refuses writes after the body has returned',
      run(async ({ store }) => {
        const tx = await store.transaction(author, async (inner) => ({ inner }))
        await expect(tx.inner.insert('keypairs', aKeypair('a'))).rejects.toMatchObject({ kind: 'internal' })
        expect(await store.read((reader) => reader.count('keypairs'))).toBe(0)
      }),
    )
  })
}
