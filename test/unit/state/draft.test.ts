/** A draft over a table that is long enough for its lists to be remembered. */
import { describe, expect, it } from 'vitest'
import { draftOf } from '../../../src/state/draft.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import type { Store } from '../../../src/state/store.ts'
import { aServer } from '../../support/a-server.ts'

const authorship = { actor: 'test', request: 'req-1', action: 'test' }
const living = { where: { deleted: false } }

async function aFleet(): Promise<Store> {
  const store = new MemoryStore({ wall: () => 0 })
  await store.transaction(authorship, async (tx) => {
    for (let index = 0; index < 400; index += 1)
      await tx.insert('servers', aServer({ id: `s${index}`, name: `web-${index}`, host: 'h1', deleted: index === 7 }))
  })
  return store
}

const hostsOf = (store: Store, host: string) =>
  store.read(async (reader) => (await reader.list('servers', { where: { host } })).map(({ id }) => id))

const move = (store: Store, id: string, host: string) =>
  store.transaction(authorship, async (tx) => {
    const server = await tx.get('servers', id)
    if (server) await tx.update('servers', { ...server, host })
  })

describe('a draft over a long table', () => {
  it('sees what it drafted at once, in the order of the table, and leaves the base', async () => {
    const base = await aFleet()
    const draft = draftOf(base)
    expect(await hostsOf(draft, 'h2')).toEqual([])
    for (const id of ['s300', 's20']) await move(draft, id, 'h2')
    expect(await hostsOf(draft, 'h2')).toEqual(['s20', 's300'])
    expect(await hostsOf(draft, 'h1')).toHaveLength(398)
    expect(await hostsOf(base, 'h1')).toHaveLength(400)
  })

  it('sees in a transaction what the same transaction wrote', async () => {
    const draft = draftOf(await aFleet())
    await draft.transaction(authorship, async (tx) => {
      const [first] = await tx.list('servers', living)
      if (first) await tx.update('servers', { ...first, deleted: true })
      expect(await tx.list('servers', living)).toHaveLength(398)
      await tx.insert('servers', aServer({ id: 'late', name: 'late' }))
      expect((await tx.list('servers', living)).at(-1)?.id).toBe('late')
    })
    expect(await draft.read((reader) => reader.count('servers', living))).toBe(399)
  })

  it('sees what others commit to the base meanwhile', async () => {
    const base = await aFleet()
    const draft = draftOf(base)
    await move(draft, 's1', 'h2')
    expect(await hostsOf(draft, 'h1')).toHaveLength(399)
    await move(base, 's2', 'h3')
    expect(await hostsOf(draft, 'h1')).toHaveLength(398)
    expect(await hostsOf(draft, 'h3')).toEqual(['s2'])
  })

  it('pages from a record that does not meet the conditions itself', async () => {
    const draft = draftOf(await aFleet())
    await move(draft, 's1', 'h2')
    const page = await draft.read((reader) => reader.list('servers', { ...living, marker: 's7', limit: 2 }))
    expect(page.map(({ id }) => id)).toEqual(['s8', 's9'])
  })
})
