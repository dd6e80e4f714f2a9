/** What `watch` of a store must do: every revision once, in order, from any point, until the watcher leaves. */
import { describe, expect, it } from 'vitest'
import type { Revision, Store } from '../../src/state/store.ts'
import type { StoreUnderTest } from './store-contract.ts'
import { aKeypair, author, withStore } from './store-records.ts'

export function watchContract(name: string, open: () => Promise<StoreUnderTest>): void {
  const run = withStore(open)
  const insert = (store: Store, id: string) => store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id)))

  describe(`${name}: watch`, () => {
    it(
      'yields the revisions that are there, with what they changed',
      run(async ({ store }) => {
        await insert(store, 'a')
        await store.transaction({ ...author, actor: 'bob' }, (tx) => tx.remove('keypairs', 'a'))
        expect(await take(store, 0, 2)).toMatchObject([
          {
            revision: 1,
            actor: 'alice',
            request: 'req-1',
            changes: [{ table: 'keypairs', id: 'a', record: { name: 'a', generation: 1 } }],
          },
          { revision: 2, actor: 'bob', changes: [{ table: 'keypairs', id: 'a', record: null }] },
        ])
        expect(await take(store, 1, 1)).toMatchObject([{ revision: 2 }])
      }),
    )

    it(
      'wakes up for revisions that come later, and misses none',
      run(async ({ store }) => {
        await insert(store, 'first')
        const watched = take(store, 1, 30)
        for (let n = 0; n < 10; n += 1) await insert(store, `one by one ${n}`)
        await Promise.all(Array.from({ length: 20 }, (_, n) => insert(store, `together ${n}`)))
        expect((await watched).map(({ revision }) => revision)).toEqual(Array.from({ length: 30 }, (_, n) => n + 2))
      }),
    )

    it(
      'goes on over a compaction',
      run(async ({ store }) => {
        const watched = take(store, 0, 9)
        for (let n = 0; n < 9; n += 1) {
          await insert(store, String(n))
          if (n % 3 === 2) await store.compact({ force: true })
        }
        expect((await watched).map(({ changes }) => changes[0]?.id)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8'])
        expect(await take(store, 0, 9)).toEqual(await watched)
      }),
    )

    it(
      'ends when the watcher is told to, also while it waits',
      run(async ({ store }) => {
        const stop = new AbortController()
        const ended = collect(store, 0, stop.signal, () => undefined)
        await insert(store, 'a')
        stop.abort()
        await ended
        await collect(store, 0, AbortSignal.abort(), () => expect.unreachable())
      }),
    )
  })
}

/** The first `count` revisions after `from`. */
async function take(store: Store, from: number, count: number): Promise<Revision[]> {
  const stop = new AbortController()
  const found: Revision[] = []
  await collect(store, from, stop.signal, (revision) => {
    found.push(revision)
    if (found.length >= count) stop.abort()
  })
  return found
}

async function collect(store: Store, from: number, signal: AbortSignal, onRevision: (revision: Revision) => void): Promise<void> {
  if (!store.watch) throw new Error('this store cannot be watched')
  for await (const revision of store.watch(from, signal)) onRevision(revision)
}
