/** What every archive must do; run over memory, files and PostgreSQL. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Archive, type Tree, type TreeEntry, written } from '../../src/state/archive.ts'

export interface ArchiveUnderTest {
  readonly archive: Archive
  /** The same archive as another process sees it. */
  readonly other: Archive
  close(): Promise<void>
}

export const aTree = (serverId: string, deletedAt = '2026-01-01T00:00:00.000Z'): Tree => ({
  serverId,
  name: `web ${serverId}`,
  projectId: 'p1',
  deletedAt,
  archivedAt: '2026-02-01T00:00:00.000Z',
  counts: [
    ['flows', 1],
    ['servers', 1],
  ],
  records: [
    { table: 'flows', record: { id: `f-${serverId}`, generation: 3, serverId, text: 'ü "quoted" \\ \n' } },
    { table: 'servers', record: { id: serverId, generation: 7, name: `web ${serverId}` } },
  ],
})

async function idsOf(archive: Archive): Promise<string[]> {
  const entries: TreeEntry[] = []
  for await (const entry of archive.entries()) entries.push(entry)
  return entries.map(({ serverId }) => serverId)
}

export function archiveContract(name: string, open: () => Promise<ArchiveUnderTest>): void {
  describe(`${name}: archive contract`, () => {
    let given: ArchiveUnderTest
    beforeEach(async () => {
      given = await open()
    })
    afterEach(() => given.close())
    const within = <T>(work: () => Promise<T>) => given.archive.alone(work)

    it('gives back what it was given', async () => {
      await within(() => given.archive.add([aTree('a'), aTree('__proto__')].map(written)))
      expect(await given.other.get('a')).toEqual(aTree('a'))
      expect(await given.other.get('__proto__')).toEqual(aTree('__proto__'))
      expect(await given.other.get('b')).toBeUndefined()
    })

    it('is empty before the first tree', async () => {
      expect(await idsOf(given.archive)).toEqual([])
      expect(await given.archive.get('a')).toBeUndefined()
      expect(await within(() => given.archive.unsettled())).toEqual([])
      expect(await within(() => given.archive.purge(undefined, false))).toEqual({ servers: 0, counts: new Map() })
    })

    it('lists trees in the order in which they came', async () => {
      await within(() => given.archive.add([aTree('c'), aTree('a')].map(written)))
      await within(() => given.archive.add([aTree('b')].map(written)))
      expect(await idsOf(given.other)).toEqual(['c', 'a', 'b'])
      const trees: Tree[] = []
      for await (const tree of given.other.trees()) trees.push(tree)
      expect(trees).toEqual([aTree('c'), aTree('a'), aTree('b')])
    })

    it('knows which trees are unsettled, also in another process', async () => {
      await within(() => given.archive.add([aTree('a'), aTree('b')].map(written)))
      await within(() => given.archive.settle(['a', 'unknown']))
      expect(await given.other.alone(() => given.other.unsettled())).toEqual(['b'])
      await given.other.alone(() => given.other.unsettle(['a']))
      expect((await within(() => given.archive.unsettled())).toSorted()).toEqual(['a', 'b'])
    })

    it('drops what is forgotten, and takes it again', async () => {
      await within(() => given.archive.add([aTree('a'), aTree('b')].map(written)))
      await given.other.alone(() => given.other.forget(['a', 'unknown']))
      expect(await idsOf(given.archive)).toEqual(['b'])
      expect(await given.archive.get('a')).toBeUndefined()
      const again = aTree('a', '2026-01-05T00:00:00.000Z')
      await within(() => given.archive.add([again].map(written)))
      expect(await given.other.get('a')).toEqual(again)
      expect(await idsOf(given.other)).toEqual(['b', 'a'])
    })

    it('purges by the time of deletion, and everything', async () => {
      await within(() => given.archive.add([aTree('old', '2025-01-01T00:00:00.000Z'), aTree('new'), aTree('newer')].map(written)))
      await within(() => given.archive.settle(['old', 'new']))
      const before = '2025-06-01T00:00:00.000Z'
      const planned = await within(() => given.archive.purge(before, true))
      expect(planned).toEqual({
        servers: 1,
        counts: new Map([
          ['flows', 1],
          ['servers', 1],
        ]),
      })
      expect(await idsOf(given.archive)).toHaveLength(3)
      expect(await within(() => given.archive.purge(before, false))).toEqual(planned)
      expect(await idsOf(given.other)).toEqual(['new', 'newer'])
      expect(await given.other.get('new')).toEqual(aTree('new'))
      expect(await given.other.alone(() => given.other.unsettled())).toEqual(['newer'])
      await within(() => given.archive.add([aTree('last')].map(written)))
      expect(await given.other.get('last')).toEqual(aTree('last'))
      expect((await within(() => given.archive.purge(undefined, false))).servers).toBe(3)
      expect(await idsOf(given.other)).toEqual([])
    })

    it('lets one work at a time', async () => {
      await within(async () => {
        await expect(given.other.alone(async () => 1)).rejects.toMatchObject({ kind: 'conflict' })
      })
      expect(await given.other.alone(async () => 1)).toBe(1)
    })
  })
}
