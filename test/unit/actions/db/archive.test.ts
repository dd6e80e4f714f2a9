import { beforeEach, describe, expect, it } from 'vitest'
import { archive } from '../../../../src/actions/db/archive.ts'
import { archived } from '../../../../src/actions/db/archived.ts'
import { purge } from '../../../../src/actions/db/purge.ts'
import { restore } from '../../../../src/actions/db/restore.ts'
import { aContext, faultOf, given, performed, recordsOf, type TestContext } from '../../../support/a-context.ts'
import { aDeletedServer, aFlow, aRequest, deletedAt, giveDeleted } from '../../../support/a-deleted-server.ts'
import { aServer } from '../../../support/a-server.ts'

let context: TestContext
beforeEach(() => {
  context = aContext()
})
const ids = async (table: 'servers' | 'flows' | 'requests') => (await recordsOf(context.store, table)).map(({ id }) => id)
const archivedIds = async () => (await performed(archived, {}, context)) as { id: string; name: string; records: number }[]

describe('db.archive', () => {
  it('takes a deleted server with everything that belongs to it, and nothing else', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    await given(context, 'servers', aServer({ id: 'live', requestId: 'req-live' }))
    await given(context, 'flows', aFlow('live-boot', 'live'))
    await given(context, 'requests', aRequest('req-live', ['live']), aRequest('req-refused', []))
    expect(await performed(archive, {}, context)).toEqual({
      servers: 1,
      records: 4,
      tables: [
        { table: 'flows', records: 2 },
        { table: 'requests', records: 1 },
        { table: 'servers', records: 1 },
      ],
      busy: 0,
      isComplete: true,
    })
    expect(await ids('servers')).toEqual(['live'])
    expect(await ids('flows')).toEqual(['live-boot'])
    expect(await ids('requests')).toEqual(['req-live', 'req-refused'])
    expect(await archivedIds()).toMatchObject([{ id: 'a', name: 'web-a', records: 4 }])
  })

  it('goes by age, oldest first, and stops between servers', async () => {
    await giveDeleted(context.store, ...['a', 'b', 'c'].map((id) => aDeletedServer(id)))
    await giveDeleted(context.store, aDeletedServer('new', { deletedAt: '2026-03-01T00:00:00.000Z' }))
    expect(await performed(archive, { maxRows: 9, before: '2026-02-01' }, context)).toMatchObject({
      servers: 2,
      isComplete: false,
    })
    expect(await ids('servers')).toEqual(['c', 'new'])
    expect(await performed(archive, { maxRows: 1, before: '2026-02-01' }, context)).toMatchObject({ servers: 1 })
    expect(await performed(archive, { before: '2026-02-01' }, context)).toMatchObject({ servers: 0, isComplete: true })
    expect(await ids('servers')).toEqual(['new'])
    expect(await archivedIds()).toMatchObject([{ id: 'a' }, { id: 'b' }, { id: 'c' }])
  })

  it('leaves a server on which something works', async () => {
    await giveDeleted(context.store, aDeletedServer('a'), aDeletedServer('b'))
    await given(context, 'flows', aFlow('late', 'a', { open: true, status: 'running' }))
    expect(await performed(archive, {}, context)).toMatchObject({ servers: 1, busy: 1, isComplete: true })
    expect(await ids('servers')).toEqual(['a'])
  })

  it('takes a request of several servers with the last of them', async () => {
    await given(context, 'servers', aDeletedServer('a', { requestId: 'req-3' }), aDeletedServer('b', { requestId: 'req-3' }))
    await given(context, 'servers', aServer({ id: 'c', requestId: 'req-3' }))
    await given(context, 'requests', aRequest('req-3', ['a', 'b', 'c']))
    await performed(archive, {}, context)
    expect(await ids('requests')).toEqual(['req-3'])
    await context.store.transaction({ actor: 't', request: 't', action: 't' }, async (tx) => {
      const server = await tx.get('servers', 'c')
      if (server) await tx.update('servers', { ...server, deleted: true, deletedAt })
    })
    await performed(archive, {}, context)
    expect(await ids('requests')).toEqual([])
    expect(await archivedIds()).toMatchObject([{ records: 1 }, { records: 1 }, { id: 'c', records: 2 }])
  })

  it('only counts in a plan', async () => {
    await giveDeleted(context.store, aDeletedServer('a'), aDeletedServer('b'))
    await performed(archive, {}, { ...context, plan: true })
    expect(context.events).toContainEqual({
      type: 'step',
      flow: 'archive',
      step: 'records',
      status: 'done',
      commands: ['4 records of flows', '2 records of requests', '2 records of servers'],
    })
    expect(await ids('servers')).toEqual(['a', 'b'])
    expect(await archivedIds()).toEqual([])
  })

  it('takes what was deleted longer ago than some days', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    context.clock.advance(20 * 86_400_000)
    expect(await performed(archive, { olderThanDays: 30 }, context)).toMatchObject({ servers: 0 })
    context.clock.advance(30 * 86_400_000)
    expect(await performed(archive, { olderThanDays: 30 }, context)).toMatchObject({ servers: 1 })
  })

  it('refuses a date that is none', async () => {
    expect(await faultOf(archive, { before: 'soon' }, context)).toMatchObject({ kind: 'invalid', message: /soon/ })
  })
})

describe('after a process died half-way', () => {
  it('a tree that is still in the store counts there, and is archived once', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    const before = await recordsOf(context.store, 'flows')
    const place = await context.archive()
    await place.alone(() =>
      place.add([{ serverId: 'a', name: 'web-a', projectId: 'p1', deletedAt, archivedAt: deletedAt, counts: [], text: '[]' }]),
    )
    expect(await performed(archive, {}, context)).toMatchObject({ servers: 1, records: 4 })
    expect(await archivedIds()).toMatchObject([{ id: 'a', records: 4 }])
    await performed(restore, { server: 'a' }, context)
    expect(await recordsOf(context.store, 'flows')).toEqual(before.map((flow) => ({ ...flow, generation: 2 })))
  })

  it('a tree that was put back is not in the archive', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    await performed(archive, {}, context)
    const place = await context.archive()
    const tree = await place.get('a')
    await place.unsettle(['a'])
    for (const { table, record } of tree?.records ?? [])
      if (table === 'servers') await given(context, 'servers', aDeletedServer(record.id))
    await performed(purge, { all: true }, context)
    expect(await ids('servers')).toEqual(['a'])
    expect(await archivedIds()).toEqual([])
  })
})

describe('db.restore', () => {
  it('puts the tree back with the same ids, and generations go on', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    const [before] = await recordsOf(context.store, 'servers')
    await performed(archive, {}, context)
    expect(await performed(restore, { server: 'a' }, context)).toMatchObject({ id: 'a', name: 'web-a' })
    expect(await recordsOf(context.store, 'servers')).toEqual([{ ...before, generation: 2 }])
    expect(await ids('flows')).toEqual(['a-boot', 'a-delete'])
    expect(await archivedIds()).toEqual([])
    expect(await performed(archive, {}, context)).toMatchObject({ servers: 1, records: 4 })
  })

  it('leaves a key that was used again to the newer request', async () => {
    await giveDeleted(context.store, aDeletedServer('a', { requestId: 'req-key' }))
    await given(context, 'requests', aRequest('req-key', ['a'], { idempotencyKey: 'p1/once' }))
    await performed(archive, {}, context)
    await given(context, 'requests', aRequest('req-newer', [], { idempotencyKey: 'p1/once' }))
    await performed(restore, { server: 'a' }, context)
    const keys = (await recordsOf(context.store, 'requests')).map(({ id, idempotencyKey }) => [id, idempotencyKey])
    expect(new Map(keys as [string, string][]).get('req-key')).toBeNull()
  })

  it('says when a server is not archived', async () => {
    await giveDeleted(context.store, aDeletedServer('a'))
    expect(await faultOf(restore, { server: 'a' }, context)).toMatchObject({ kind: 'exists' })
    expect(await faultOf(restore, { server: 'b' }, context)).toMatchObject({ kind: 'not-found' })
  })
})

describe('db.purge', () => {
  it('wants a date or all', async () => {
    expect(await faultOf(purge, {}, context)).toMatchObject({ kind: 'invalid' })
    expect(await faultOf(purge, { all: true, before: '2026-01-01' }, context)).toMatchObject({ kind: 'invalid' })
  })

  it('removes for ever what is old enough', async () => {
    await giveDeleted(context.store, aDeletedServer('a'), aDeletedServer('b', { deletedAt: '2026-03-01T00:00:00.000Z' }))
    await performed(archive, {}, context)
    expect(await performed(purge, { before: '2026-02-01' }, context)).toMatchObject({ servers: 1, records: 4 })
    expect(await faultOf(restore, { server: 'a' }, context)).toMatchObject({ kind: 'not-found' })
    expect(await archivedIds()).toMatchObject([{ id: 'b' }])
  })
})
