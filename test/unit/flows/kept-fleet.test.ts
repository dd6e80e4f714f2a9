import { expect, it } from 'vitest'
import { keptFleetOf } from '../../../src/flows/kept-fleet.ts'
import { fleetOf } from '../../../src/flows/placement.ts'
import type { Fleet } from '../../../src/scheduler/types.ts'
import { defaultSettings } from '../../../src/settings.ts'
import { draftOf } from '../../../src/state/draft.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import type { Reader, Transaction } from '../../../src/state/store.ts'
import { aHost } from '../../support/a-host.ts'
import { aServer } from '../../support/a-server.ts'
import { aService } from '../../support/a-service.ts'
import { anImage } from '../../support/an-image.ts'
import { seededRandom } from '../../support/arbitrary-fleet.ts'

const author = { actor: 'alice', request: 'req-1', action: 'test' }
const hosts = ['h1', 'h2', 'h3']
const ids = Array.from({ length: 12 }, (_, index) => `s${index}`)
const at = '2026-01-01T00:00:00.000Z'

/** What the scheduler sees of a fleet; servers of a host in no order. */
const seen = ({ candidates, hostOf }: Fleet) => ({
  hosts: candidates.map(({ servers, ...host }) => ({ ...host, servers: servers.toSorted((a, b) => (a.id < b.id ? -1 : 1)) })),
  placed: ids.map(hostOf),
})

/** One change of one record, of every kind that a fleet is made of. */
async function change(tx: Transaction, random: () => number, turn: number): Promise<void> {
  const pick = <T>(first: T, ...rest: readonly T[]): T => rest[Math.floor(random() * (rest.length + 1))] ?? first
  const id = `s${Math.floor(random() * ids.length)}`
  const server = await tx.get('servers', id)
  const kind = Math.floor(random() * 9)
  if (kind <= 3) {
    const host = pick(null, ...hosts)
    const wanted = { host, imageId: pick('i1', 'i2', null), taskState: pick(null, 'spawning' as const) }
    if (server) await tx.update('servers', { ...server, ...wanted, deleted: random() < 0.2 })
    else await tx.insert('servers', aServer({ id, name: id, ...wanted }))
  } else if (kind === 4 && server) await tx.remove('servers', server.id)
  else if (kind === 5) {
    const host = await tx.get('hosts', `id-${pick('h1', ...hosts)}`)
    if (host) await tx.update('hosts', { ...host, failedBuilds: turn, ramAllocationRatio: pick(null, 2) })
  } else if (kind === 6) {
    const image = await tx.get('images', pick('i1', 'i2'))
    if (image) await tx.update('images', { ...image, virtualSize: turn * 1024 ** 3, deleted: random() < 0.3 })
  } else if (kind === 7) {
    const metadata: [string, string][] = [['availability_zone', pick('east', 'west')]]
    await tx.insert('aggregates', { id: `a${turn}`, name: `a${turn}`, hosts: [pick('h1', ...hosts)], metadata, createdAt: at })
    if (turn > 20) await tx.remove('aggregates', `a${turn - 20}`)
  } else if (server) await move(tx, server.id, turn, pick('h1', ...hosts))
}

async function move(tx: Transaction, serverId: string, turn: number, destHost: string): Promise<void> {
  const [open] = await tx.list('migrations', { where: { serverId, open: true } })
  if (open) return void (await tx.update('migrations', { ...open, open: false, status: 'confirmed' }))
  const { flavor, host } = (await tx.get('servers', serverId)) ?? aServer()
  await tx.insert('migrations', {
    ...{ id: `m${turn}`, serverId, projectId: 'p1', type: 'resize', status: 'finished', open: true },
    ...{ sourceHost: host ?? 'h1', destHost, oldFlavor: flavor, newFlavor: { ...flavor, id: 'big', ram: 4096 } },
    ...{ oldVmState: 'active', order: null, progress: null, options: null, result: null, reason: null },
    ...{ requestId: 'req-1', createdAt: at, updatedAt: at },
  })
}

async function aStore(): Promise<MemoryStore> {
  const store = new MemoryStore({ wall: () => 0 })
  await store.transaction(author, async (tx) => {
    for (const name of hosts) await tx.insert('hosts', aHost({ name }))
    for (const id of ['i1', 'i2']) await tx.insert('images', anImage({ id, name: id }))
  })
  return store
}

/** The kept fleet of a revision, which must be that of its records. */
async function looked(reader: Reader) {
  const kept = seen(await keptFleetOf(reader, defaultSettings))
  expect(kept).toEqual(seen(await fleetOf(reader, defaultSettings)))
  return kept
}

it.each([1, 2, 3, 4, 5])(
  'a kept fleet is the fleet of the records, whatever was committed between two looks (seed %i)',
  async (seed) => {
    const store = await aStore()
    const random = seededRandom(seed)
    const look = () => store.transaction(author, looked)
    await look()
    for (let turn = 1; turn <= 150; turn += 1) {
      await store.transaction(author, (tx) => change(tx, random, turn))
      if (random() < 0.4) await look()
      if (random() < 0.4) await store.read(looked)
    }
    expect((await look()).placed.filter((host) => host !== undefined).length).toBeGreaterThan(0)
  },
)

it.each([6, 7, 8])('so it is in a draft, over what is committed meanwhile (seed %i)', async (seed) => {
  const store = await aStore()
  const random = seededRandom(seed)
  for (let turn = 1; turn <= 40; turn += 1) await store.transaction(author, (tx) => change(tx, random, turn))
  const draft = draftOf(store)
  for (let turn = 41; turn <= 120; turn += 1) {
    if (turn < 100) await draft.transaction(author, (tx) => change(tx, random, turn))
    else await store.transaction(author, (tx) => tx.insert('servers', aServer({ id: `late-${turn}`, host: 'h1' })))
    if (random() < 0.5) await draft.transaction(author, looked)
    if (random() < 0.5) await draft.read(looked)
  }
})

it('a read that began earlier does not see what was committed since', async () => {
  const store = await aStore()
  await store.read(async (earlier) => {
    await store.transaction(author, (tx) => tx.insert('servers', aServer({ id: 's1', host: 'h1' })))
    await store.transaction(author, looked)
    expect((await looked(earlier)).hosts[0]?.servers).toEqual([])
  })
})

it('a transaction that has written sees its own claims', async () => {
  const store = new MemoryStore({ wall: () => 0 })
  await store.transaction(author, async (tx) => {
    await tx.insert('hosts', aHost({ name: 'h1' }))
    await keptFleetOf(tx, defaultSettings)
  })
  await store.transaction(author, async (tx) => {
    expect(seen(await keptFleetOf(tx, defaultSettings)).hosts[0]?.servers).toEqual([])
    await tx.insert('servers', aServer({ id: 's1', host: 'h1' }))
    expect(seen(await keptFleetOf(tx, defaultSettings)).hosts[0]?.servers.map(({ id }) => id)).toEqual(['s1'])
  })
})

it('hears of services that report without a revision', async () => {
  const store = await aStore()
  const compute = (id: string, hosts: string[]) => aService({ id, roles: ['compute'], hosts, lastSeen: at })
  await store.transaction(author, async (tx) => {
    for (const service of [compute('one', ['h1']), compute('two', ['h2'])]) await tx.insert('services', service)
  })
  const silentAfter = (seconds: number) =>
    store.read(async (reader) => {
      const lastSeen = new Date(Date.parse(at) + seconds * 1000).toISOString()
      const list: Reader['list'] = async (table, query) => {
        const records = await reader.list(table, query)
        return records.map((record) => (record.id === 'one' ? { ...record, lastSeen } : record))
      }
      const beating: Reader = {
        ...{ revision: reader.revision, log: reader.log, list },
        ...{ get: (...asked) => reader.get(...asked), count: (...asked) => reader.count(...asked) },
      }
      return (await keptFleetOf(beating, defaultSettings)).candidates.map(({ silentMs }) => silentMs)
    })
  expect(await silentAfter(0)).toEqual([0, 0, null])
  expect(await silentAfter(90)).toEqual([0, 90_000, null])
})
