/** Inserts, updates, removals, unique keys and compare-and-swap. */
import { describe, expect, it } from 'vitest'
import type { StoreUnderTest } from './store-contract.ts'
import { aFlavor, aKeypair, author, withStore } from './store-records.ts'

export function writeContract(open: () => Promise<StoreUnderTest>): void {
  const run = withStore(open)

  describe('writes', () => {
    it(
      'starts at revision 0 with nothing',
      run(async ({ store }) => {
        expect(await store.read(async (reader) => [reader.revision, await reader.list('servers')])).toEqual([0, []])
      }),
    )

    it(
      'gives a new record generation 1 and the store the next revision',
      run(async ({ store }) => {
        const made = await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('a')))
        expect(made).toEqual({ ...aKeypair('a'), generation: 1 })
        expect(await store.read(async (reader) => [reader.revision, await reader.get('keypairs', 'a')])).toEqual([1, made])
      }),
    )

    it(
      'counts generations up and refuses a change to an old one',
      run(async ({ store }) => {
        const made = await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('a')))
        const next = await store.transaction(author, (tx) => tx.update('keypairs', { ...made, name: 'b' }))
        expect(next.generation).toBe(2)
        const late = store.transaction(author, (tx) => tx.update('keypairs', { ...made, name: 'c' }))
        await expect(late).rejects.toMatchObject({ kind: 'conflict', message: expect.stringContaining('generation 2') })
        expect(await store.read((reader) => reader.get('keypairs', 'a'))).toMatchObject({ name: 'b' })
      }),
    )

    it(
      'refuses to update what is not there',
      run(async ({ store }) => {
        const missing = store.transaction(author, (tx) => tx.update('keypairs', { ...aKeypair('x'), generation: 1 }))
        await expect(missing).rejects.toMatchObject({ kind: 'not-found' })
      }),
    )

    it(
      'refuses a second record with the same id or unique key',
      run(async ({ store }) => {
        await store.transaction(author, (tx) => tx.insert('flavors', aFlavor('1', 'tiny')))
        const sameId = store.transaction(author, (tx) => tx.insert('flavors', aFlavor('1', 'other')))
        await expect(sameId).rejects.toMatchObject({ kind: 'exists' })
        const sameName = store.transaction(author, (tx) => tx.insert('flavors', aFlavor('2', 'tiny')))
        await expect(sameName).rejects.toMatchObject({ kind: 'exists', message: 'flavors already has name tiny (1)' })
      }),
    )

    it(
      'checks unique keys inside one transaction too, and frees them on removal',
      run(async ({ store }) => {
        const twice = store.transaction(author, async (tx) => {
          await tx.insert('flavors', aFlavor('1', 'tiny'))
          await tx.insert('flavors', aFlavor('2', 'tiny'))
        })
        await expect(twice).rejects.toMatchObject({ kind: 'exists' })
        await store.transaction(author, (tx) => tx.insert('flavors', aFlavor('1', 'tiny')))
        await store.transaction(author, async (tx) => {
          await tx.remove('flavors', '1')
          await tx.insert('flavors', aFlavor('2', 'tiny'))
        })
        expect(await store.read((reader) => reader.list('flavors'))).toMatchObject([{ id: '2' }])
      }),
    )

    it(
      'removes records, and a removal of nothing is no revision',
      run(async ({ store }) => {
        await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('a')))
        await store.transaction(author, (tx) => tx.remove('keypairs', 'a'))
        await store.transaction(author, (tx) => tx.remove('keypairs', 'a'))
        expect(await store.read(async (reader) => [reader.revision, await reader.get('keypairs', 'a')])).toEqual([2, undefined])
      }),
    )

    it(
      'commits nothing of a body that throws',
      run(async ({ store }) => {
        const failed = store.transaction(author, async (tx) => {
          await tx.insert('keypairs', aKeypair('a'))
          throw new Error('no')
        })
        await expect(failed).rejects.toThrow('no')
        expect(await store.read(async (reader) => [reader.revision, await reader.count('keypairs')])).toEqual([0, 0])
      }),
    )

    it.each(['__proto__', 'constructor', 'toString', 'a\tb\n"c"', 'ключ/🔑'])('keeps a record with the id %j', (id) =>
      run(async ({ store }) => {
        await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id)))
        expect(await store.read((reader) => reader.get('keypairs', id))).toMatchObject({ id })
        expect(await store.read((reader) => reader.get('keypairs', 'valueOf'))).toBeUndefined()
      })(),
    )

    it(
      'refuses ids and records beyond their limits',
      run(async ({ store }) => {
        const noId = store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('')))
        await expect(noId).rejects.toMatchObject({ kind: 'invalid' })
        const longId = store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('x'.repeat(2000))))
        await expect(longId).rejects.toMatchObject({ kind: 'invalid', message: expect.stringContaining('2000') })
      }),
    )
  })
}
