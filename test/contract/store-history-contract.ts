/** Revisions of a record, and the state at past moments. */
import { describe, expect, it } from 'vitest'
import type { Store, Transaction } from '../../src/state/store.ts'
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

  describe.runIf(hasMoments)('a purge of history', () => {
    it(
      'counts what would go, and changes nothing',
      run(async (under) => {
        await fillSlowly(under)
        expect(await purged(under.store, '2026-05-03', true)).toEqual({ revisions: 2, changes: 3 })
        expect(await under.store.historyStart?.()).toBeUndefined()
        expect(await names(under.store, { revision: 1 })).toEqual([1, 'one'])
      }),
    )

    it(
      'keeps every later moment, and refuses those before with the oldest one',
      run(async (under) => {
        await fillSlowly(under)
        expect(await purged(under.store, '2026-05-03')).toEqual({ revisions: 2, changes: 3 })
        const oldest = { revision: 2, at: '2026-05-02T12:00:00.000Z' }
        expect(await under.store.historyStart?.()).toMatchObject({ ...oldest, purgedAt: '2026-05-06T12:00:00.000Z' })
        const at = (moment: Parameters<typeof names>[1]) => names(under.store, moment)
        expect([await at({ revision: 2 }), await at({ time: '2026-05-03' })]).toEqual([
          [2, 'two', 'c'],
          [2, 'two', 'c'],
        ])
        expect([await at({ revision: 3 }), await at({ revision: 5 }), await at({ time: '2026-05-05' })]).toEqual([
          [3, 'two', 'c', 'b'],
          [5, 'c', 'b', 'd'],
          [4, 'c', 'b'],
        ])
        const refused = { kind: 'not-found', message: expect.stringMatching(/before 2 \(2026-05-02.*purged on 2026-05-06/) }
        await expect(at({ revision: 1 })).rejects.toMatchObject(refused)
        await expect(at({ revision: 0 })).rejects.toMatchObject(refused)
        await expect(at({ time: '2026-05-01T13:00:00Z' })).rejects.toMatchObject(refused)
        const followed = async (from: number) => {
          for await (const { revision } of under.store.watch?.(from, AbortSignal.timeout(60_000)) ?? []) return revision
        }
        if (!under.store.watch) return
        expect(await followed(2)).toBe(3)
        await expect(followed(1)).rejects.toMatchObject({ kind: 'not-found' })
      }),
    )

    it(
      'leaves the later revisions of a record',
      run(async (under) => {
        await fillSlowly(under)
        await purged(under.store, '2026-05-03')
        const revisionsOf = async (id: string) => (await under.store.history('keypairs', id)).map(({ revision }) => revision)
        expect([await revisionsOf('a'), await revisionsOf('b'), await revisionsOf('c')]).toEqual([[4], [3], []])
      }),
    )

    it(
      'keeps the newest revision and the hour before it, and can be done again',
      run(async (under) => {
        await fillSlowly(under)
        expect(await purged(under.store, '2030-01-01')).toEqual({ revisions: 4, changes: 5 })
        expect(await purged(under.store, '2030-01-01')).toEqual({ revisions: 0, changes: 0 })
        expect(await names(under.store, { revision: 4 })).toEqual([4, 'c', 'b'])
        under.setTime(day(7))
        await under.store.transaction(author, (tx) => tx.insert('keypairs', aKeypair('e')))
        expect(await purged(under.store, '2030-01-01')).toEqual({ revisions: 1, changes: 1 })
        expect(await names(under.store, { revision: 6 })).toEqual([6, 'c', 'b', 'd', 'e'])
        expect(await under.store.historyStart?.()).toMatchObject({ revision: 5 })
      }),
    )

    it(
      'does nothing where there is no history',
      run(async ({ store }) => {
        expect(await purged(store, '2030-01-01')).toEqual({ revisions: 0, changes: 0 })
        expect(await store.historyStart?.()).toBeUndefined()
      }),
    )
  })
}

const day = (n: number) => Date.UTC(2026, 4, n, 12)

/** A revision a day: `a` and `c` come, `b` comes, `a` goes, `d` comes. */
async function fillSlowly({ store, setTime }: StoreUnderTest): Promise<void> {
  const steps: ((tx: Transaction) => Promise<unknown>)[] = [
    (tx) => tx.insert('keypairs', aKeypair('a', { name: 'one' })),
    async (tx) => {
      const found = await tx.get('keypairs', 'a')
      if (found) await tx.update('keypairs', { ...found, name: 'two' })
      await tx.insert('keypairs', aKeypair('c'))
    },
    (tx) => tx.insert('keypairs', aKeypair('b')),
    (tx) => tx.remove('keypairs', 'a'),
    (tx) => tx.insert('keypairs', aKeypair('d')),
  ]
  for (const [index, step] of steps.entries()) {
    setTime(day(index + 1))
    await store.transaction(author, step)
  }
  setTime(day(6))
}

const purged = async (store: Store, before: string, planned = false) => store.purgeHistory?.(before, { planned })

const names = (store: Store, moment: { revision: number } | { time: string }) =>
  store.read(async (reader) => [reader.revision, ...(await reader.list('keypairs')).map(({ name }) => name)], moment)
