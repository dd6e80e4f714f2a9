/** Revisions of a record, and the state at past moments. */
import { describe, expect, it } from 'vitest'
import type { Store } from '../../src/state/store.ts'
import type { StoreFeatures, StoreUnderTest } from './store-contract.ts'
import { aKeypair, author, withStore } from './store-records.ts'

const start = Date.UTC(2026, 4, 1, 12)

async function fill({ store, setTime }: StoreUnderTest): Promise<void> {
  setTime(start)
  await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('a', { name: 'one' })))
  setTime(start + 60_000)
  await store.transaction({ ...author, actor: 'bob' }, async (tx) => {
    const found = await tx.get('keypairs', 'a')
    if (found) await tx.update('keypairs', { ...found, name: 'two' })
  })
  setTime(start + 120_000)
  await store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('b')))
  await store.transaction(author, (tx) => tx.remove('keypairs', 'a'))
}

export function historyContract(open: () => Promise<StoreUnderTest>, { hasMoments }: StoreFeatures): void {
  const run = withStore(open)

  describe('history', () => {
    it(
      'names every revision that touched a record, and who made it',
      run(async (under) => {
        await fill(under)
        const history = await under.store.history('keypairs', 'a')
        expect(history.map(({ revision, actor, changes }) => [revision, actor, changes[0]?.record?.name])).toEqual([
          [1, 'alice', 'one'],
          [2, 'bob', 'two'],
          [4, 'alice', undefined],
        ])
        expect(history[2]?.changes).toEqual([{ table: 'keypairs', id: 'a', record: null }])
        expect(await under.store.history('keypairs', '__proto__')).toEqual([])
      }),
    )

    it.runIf(hasMoments)(
      'reads the state at a revision',
      run(async (under) => {
        await fill(under)
        const namesAt = (revision: number) => names(under.store, { revision })
        expect([await namesAt(0), await namesAt(1), await namesAt(2), await namesAt(3), await namesAt(4)]).toEqual([
          [0],
          [1, 'one'],
          [2, 'two'],
          [3, 'two', 'b'],
          [4, 'b'],
        ])
        await expect(namesAt(5)).rejects.toMatchObject({ kind: 'not-found', message: expect.stringContaining('newest is 4') })
        await expect(namesAt(-1)).rejects.toMatchObject({ kind: 'invalid' })
      }),
    )

    it.runIf(hasMoments)(
      'reads the state at a time, in any zone',
      run(async (under) => {
        await fill(under)
        expect(await names(under.store, { time: '2026-05-01T11:59:59Z' })).toEqual([0])
        expect(await names(under.store, { time: '2026-05-01T12:00:59Z' })).toEqual([1, 'one'])
        expect(await names(under.store, { time: '2026-05-01T14:01:00+02:00' })).toEqual([2, 'two'])
        expect(await names(under.store, { time: '2027-01-01' })).toEqual([4, 'b'])
        await expect(names(under.store, { time: 'yesterday' })).rejects.toMatchObject({ kind: 'invalid' })
      }),
    )
  })
}

const names = (store: Store, moment: { revision: number } | { time: string }) =>
  store.read(async (reader) => [reader.revision, ...(await reader.list('keypairs')).map(({ name }) => name)], moment)
