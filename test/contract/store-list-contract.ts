/** Order, paging and filters. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/state/store.ts'
import type { StoreUnderTest } from './store-contract.ts'
import { aKeypair, author, withStore } from './store-records.ts'

export function listContract(open: () => Promise<StoreUnderTest>): void {
  const run = withStore(open)
  const filled = (test: (store: Store) => Promise<void>) =>
    run(async ({ store }) => {
      for (const [id, userId] of [
        ['a', 'u1'],
        ['b', 'u2'],
        ['c', 'u1'],
        ['d', 'u2'],
        ['e', 'u1'],
      ] as const) {
        await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id, { userId })))
      }
      await test(store)
    })
  const ids = (records: readonly { id: string }[]) => records.map(({ id }) => id).join('')

  describe('lists', () => {
    it(
      'lists in order of creation, either way',
      filled(async (store) => {
        await store.read(async (reader) => {
          expect(ids(await reader.list('keypairs'))).toBe('abcde')
          expect(ids(await reader.list('keypairs', { newestFirst: true }))).toBe('edcba')
        })
      }),
    )

    it(
      'keeps the place of a changed record and moves one that was created again to the end',
      filled(async (store) => {
        await store.transaction(author, async (tx) => {
          const found = await tx.get('keypairs', 'b')
          if (found) await tx.update('keypairs', { ...found, name: 'z' })
          await tx.remove('keypairs', 'a')
          await tx.insert('keypairs', aKeypair('a'))
          expect(ids(await tx.list('keypairs'))).toBe('bcdea')
          expect(ids(await tx.list('keypairs', { newestFirst: true, limit: 2 }))).toBe('ae')
        })
        expect(ids(await store.read((reader) => reader.list('keypairs')))).toBe('bcdea')
      }),
    )

    it(
      'pages by limit and marker in both directions',
      filled(async (store) => {
        await store.read(async (reader) => {
          expect(ids(await reader.list('keypairs', { limit: 2 }))).toBe('ab')
          expect(ids(await reader.list('keypairs', { limit: 2, marker: 'b' }))).toBe('cd')
          expect(ids(await reader.list('keypairs', { marker: 'c', newestFirst: true }))).toBe('ba')
          expect(ids(await reader.list('keypairs', { marker: 'e' }))).toBe('')
          expect(ids(await reader.list('keypairs', { limit: 0 }))).toBe('')
          await expect(reader.list('keypairs', { marker: 'x' })).rejects.toMatchObject({ kind: 'invalid' })
        })
      }),
    )

    it(
      'filters by indexed and other fields, and counts',
      filled(async (store) => {
        await store.read(async (reader) => {
          expect(ids(await reader.list('keypairs', { where: { userId: 'u1' } }))).toBe('ace')
          expect(ids(await reader.list('keypairs', { where: { userId: 'u1', name: 'c' } }))).toBe('c')
          expect(ids(await reader.list('keypairs', { where: { userId: 'u1' }, marker: 'a', limit: 1 }))).toBe('c')
          expect(ids(await reader.list('keypairs', { where: { userId: undefined } }))).toBe('abcde')
          expect(await reader.count('keypairs', { where: { userId: 'u2' } })).toBe(2)
          expect(await reader.count('keypairs')).toBe(5)
        })
      }),
    )

    it(
      'finds by an index that was asked for often, also after changes',
      filled(async (store) => {
        const ofUser = (userId: string) =>
          store.read((reader) => reader.list('keypairs', { where: { userId }, newestFirst: true }))
        for (let round = 0; round < 12; round += 1) expect(ids(await ofUser('u1'))).toBe('eca')
        await store.transaction(author, async (tx) => {
          const found = await tx.get('keypairs', 'c')
          if (found) await tx.update('keypairs', { ...found, userId: 'u2' })
          await tx.remove('keypairs', 'a')
          await tx.insert('keypairs', aKeypair('f', { userId: 'u1' }))
          expect(ids(await tx.list('keypairs', { where: { userId: 'u1' }, newestFirst: true }))).toBe('fe')
        })
        expect(ids(await ofUser('u1'))).toBe('fe')
        expect(ids(await ofUser('u2'))).toBe('dcb')
        expect(await ofUser('__proto__')).toEqual([])
      }),
    )
  })
}
