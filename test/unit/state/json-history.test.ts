import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { verifyJournal } from '../../../src/state/json/verify-journal.ts'
import { systemFs } from '../../../src/system/fs.ts'
import { aClock, aDirectory, addKeypair, aStore, contentsOf, renameKeypair } from './store-for-tests.ts'

const day = 86_400_000
const start = Date.UTC(2026, 0, 1)
const dayText = (n: number) => new Date(start + n * day).toISOString()

/** A change a day from 2026-01-01 on; compacted after the days that are named. */
async function aYear(compactedAfter: readonly number[], days = 8) {
  const directory = aDirectory()
  const clock = aClock(start)
  const store = aStore(directory, { clock })
  for (let n = 1; n <= days; n += 1) {
    clock.now = start + n * day
    await (n % 3 === 0 ? renameKeypair(store, 'k1', `name ${n}`) : addKeypair(store, `k${n}`))
    if (compactedAfter.includes(n)) await store.compact({ force: true })
  }
  return { directory, store, clock }
}

describe('a purge of the history of files', () => {
  it.each([
    ['in the newest segment', []],
    ['between two segments', [4]],
    ['inside a sealed one', [2, 6]],
    ['where every revision has its own', [1, 2, 3, 4, 5, 6, 7, 8]],
  ])('%s keeps every later moment as it was', async (_, compactedAfter) => {
    const { directory, store } = await aYear(compactedAfter)
    const before = await Promise.all([4, 5, 6, 7, 8].map((revision) => contentsOf(store, { revision })))
    expect(await store.purgeHistory(dayText(5), { planned: true })).toEqual({ revisions: 4, changes: 4 })
    expect(await store.historyStart()).toBeUndefined()
    expect(await store.purgeHistory(dayText(5))).toEqual({ revisions: 4, changes: 4 })
    for (const seen of [store, aStore(directory)]) {
      expect(await Promise.all([4, 5, 6, 7, 8].map((revision) => contentsOf(seen, { revision })))).toEqual(before)
      expect(await seen.read(async (reader) => reader.revision, { time: dayText(4.5) })).toBe(4)
      await expect(contentsOf(seen, { revision: 3 })).rejects.toMatchObject({ kind: 'not-found' })
    }
    expect(await verifyJournal(directory, systemFs)).toMatchObject({ problems: [], survives: [[5, 8]], start: { revision: 4 } })
    await addKeypair(store, 'after')
    expect((await contentsOf(aStore(directory))).revision).toBe(9)
  })

  it('leaves nothing of what it purged on the disk, and goes further later', async () => {
    const { directory, store } = await aYear([2, 5])
    await store.purgeHistory(dayText(4))
    await store.purgeHistory(dayText(7))
    expect(readdirSync(join(directory, 'history')).sort()).toEqual([
      'journal.2.jsonl.gz',
      'keypairs.6.index',
      'keypairs.6.jsonl',
      'manifest.json',
    ])
    expect((await store.history('keypairs', 'k1')).length).toBe(0)
    expect(await store.purgeHistory(dayText(7))).toEqual({ revisions: 0, changes: 0 })
    expect(await verifyJournal(directory, systemFs)).toMatchObject({ problems: [], survives: [[7, 8]] })
  })

  it('is refused over a damaged history, which it would hide', async () => {
    const { directory, store } = await aYear([2, 5])
    const segment = join(directory, 'history', 'journal.0.jsonl.gz')
    writeFileSync(segment, gzipSync(gunzipSync(readFileSync(segment)).toString().replace('"actor":"alice"', '"actor":"mallory"')))
    await expect(store.purgeHistory(dayText(7))).rejects.toMatchObject({ kind: 'internal' })
    expect(await store.historyStart()).toBeUndefined()
    expect(readdirSync(join(directory, 'history'))).toContain('journal.0.jsonl.gz')
  })

  it('leaves a beginning whose damage is found, and takes nothing of the present', async () => {
    const { directory, store } = await aYear([2, 5])
    await store.purgeHistory(dayText(4))
    await store.close()
    const base = join(directory, 'history', 'keypairs.3.jsonl')
    writeFileSync(base, readFileSync(base, 'utf8').replace('name 3', 'name 4'))
    const { problems } = await verifyJournal(directory, systemFs)
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(/history.*keypairs\.3\.jsonl line 1/)])
    const fresh = aStore(directory)
    expect(await contentsOf(fresh)).toMatchObject({ revision: 8 })
    await expect(contentsOf(fresh, { revision: 4 })).rejects.toMatchObject({ kind: 'internal' })
  })
})
