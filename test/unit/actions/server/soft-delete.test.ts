/** What a soft-deleted server keeps and gives up, how it comes back, and when it goes for good. */
import { describe, expect, it } from 'vitest'
import { run as doctor } from '../../../../src/actions/doctor/run.ts'
import { usageOf } from '../../../../src/actions/quota/usage.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { forceDelete } from '../../../../src/actions/server/force-delete.ts'
import { list } from '../../../../src/actions/server/list.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { pause } from '../../../../src/actions/server/pause.ts'
import { reclaim } from '../../../../src/actions/server/reclaim.ts'
import { rescue } from '../../../../src/actions/server/rescue.ts'
import { restore } from '../../../../src/actions/server/restore.ts'
import { revert } from '../../../../src/actions/server/revert.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import { syncPowerStates } from '../../../../src/actions/server/sync-power-states.ts'
import { unrescue } from '../../../../src/actions/server/unrescue.ts'
import { unshelve } from '../../../../src/actions/server/unshelve.ts'
import { wait } from '../../../../src/actions/server/wait.ts'
import type { AnyAction } from '../../../../src/core/action.ts'
import { fleetOf } from '../../../../src/flows/placement.ts'
import { faultOf, performed, type TestContext } from '../../../support/a-context.ts'
import { aServerToMove, limited, type MovedServer, withSettings } from '../../../support/moved-server.ts'
import { toldBy, typesOf } from '../../../support/told.ts'

const all = { servers: ['web-1'] }
const one = { server: 'web-1' }
const hour = 3600
const web1 = { name: 'web-1', image: 'cirros', flavor: 'm1.small' }

/** A server that runs, in a cloud that keeps deleted ones for an hour. */
async function aKeptServer(): Promise<MovedServer> {
  const world = await aServerToMove()
  return { ...world, context: withSettings(world.context, { reclaimInstanceInterval: hour }) }
}
/** The same for a second boot. */
const another = (context: TestContext): TestContext => ({ ...context, requestId: 'req-2' })
const usedBy = ({ store }: TestContext) => store.read((reader) => usageOf(reader, 'p1'))
const claimed = ({ store, settings }: TestContext) =>
  store.read(async (reader) => (await fleetOf(reader, settings)).candidates.map((candidate) => candidate.claimed.ram))
const listed = async (input: object, context: TestContext) =>
  ((await performed(list, input, context)) as { name: string; status: string }[]).map(({ name, status }) => `${name} ${status}`)

describe('a server that is deleted while deleted servers are kept', () => {
  it('is shut down and keeps its disks and its claim, but takes no quota', async () => {
    const { context, ...world } = await aKeptServer()
    expect(await performed(remove, all, context)).toMatchObject([{ name: 'web-1', status: 'SOFT_DELETED' }])
    const server = await world.server()
    expect(server).toMatchObject({ vmState: 'soft-delete', taskState: null, powerState: 'shutdown', deleted: false })
    expect(server.deletedAt).not.toBeNull()
    expect(await world.running()).toEqual([])
    expect(await world.entries('host-a')).toHaveLength(1)
    expect(await claimed(context)).toEqual([server.flavor.ram, 0])
    expect(await usedBy(context)).toEqual({ instances: 0, cores: 0, ram: 0 })
    expect(await world.findings()).toEqual([])
  })

  it('is left out of the list, unless it is asked for', async () => {
    const { context } = await aKeptServer()
    await performed(remove, all, context)
    await performed(create, { ...web1, name: 'web-2' }, another(context))
    expect(await listed({}, context)).toEqual(['web-2 ACTIVE'])
    expect(await listed({ limit: 1 }, context)).toEqual(['web-2 ACTIVE'])
    expect(await listed({ status: 'soft_deleted' }, context)).toEqual(['web-1 SOFT_DELETED'])
    await performed(forceDelete, { servers: ['web-2'] }, context)
    expect(await listed({ deleted: true }, context)).toEqual(['web-2 DELETED', 'web-1 SOFT_DELETED'])
  })

  it('is told of in Nova’s words', async () => {
    const { context } = await aKeptServer()
    await performed(remove, all, context)
    await performed(restore, all, context)
    const types = typesOf(await toldBy(context.store))
    const words = ['soft_delete.start', 'soft_delete.end', 'restore.start', 'restore.end']
    expect(types.filter((type) => words.some((word) => type === `compute.instance.${word}`))).toEqual(
      words.map((word) => `compute.instance.${word}`),
    )
  })

  it('refuses everything but restore and force-delete, and says so', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    const before = await world.server()
    for (const [action, input] of [[stop, all] as const, [migrate, one] as const, [remove, all] as const])
      expect(await faultOf(action, input, context)).toMatchObject({
        kind: 'conflict',
        hint: expect.stringContaining('nova restore web-1, or nova force-delete web-1'),
      })
    expect(await world.server()).toEqual(before)
  })

  it('leaves its name to a new server: only restore and force-delete still mean the old one', async () => {
    const { context, ...world } = await aKeptServer()
    const { id } = await world.server()
    await performed(remove, all, context)
    await performed(create, web1, another(context))
    expect(await performed(stop, all, context)).toMatchObject([{ status: 'SHUTOFF' }])
    expect(await performed(restore, all, context)).toMatchObject([{ id, status: 'ACTIVE' }])
  })

  it('counts as deleted for who waits for that', async () => {
    const { context } = await aKeptServer()
    await performed(remove, all, context)
    expect(await performed(wait, { ...one, for: 'deleted' }, context)).toMatchObject({ status: 'SOFT_DELETED' })
  })

  it('is never recorded as running, whatever its guest does', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    const { id } = await world.server()
    await context.compute.call({ host: 'host-a', method: 'start', args: undefined, serverId: id, epoch: 10 ** 6 })
    expect(await performed(syncPowerStates, {}, context)).toMatchObject([{ result: 'reported', reason: 'it is deleted' }])
    expect(await world.server()).toMatchObject({ vmState: 'soft-delete' })
  })

  it('is told of and left as it is when its guest is gone, until it is deleted for good', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    const { id } = await world.server()
    await world.cloud.hosts.get('host-a')?.remove(`/instances/${id}`)
    expect(await performed(doctor, { fix: true, codes: ['NVD003'] }, context)).toMatchObject([{ code: 'NVD003', repair: null }])
    expect(await world.server()).toMatchObject({ vmState: 'soft-delete' })
    expect(await performed(forceDelete, all, context)).toMatchObject([{ status: 'DELETED' }])
    expect(await world.findings()).toEqual([])
  })

  it('goes for good at once when it never ran', async () => {
    const { context, ...world } = await aKeptServer()
    const server = await world.server()
    await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
      await tx.update('servers', { ...server, launchedAt: null, vmState: 'error' })
    })
    expect(await performed(remove, all, context)).toMatchObject([{ status: 'DELETED' }])
  })

  it('is refused in the midst of a move, which nobody could restore', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(migrate, one, context)
    await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
      const [move] = await tx.list('migrations')
      if (move) await tx.update('migrations', { ...move, status: 'reverting' })
    })
    expect(await faultOf(remove, all, context)).toMatchObject({
      kind: 'conflict',
      hint: 'wait for it, or nova force-delete web-1',
    })
    await performed(forceDelete, all, context)
    expect(await world.server()).toMatchObject({ vmState: 'deleted', deleted: true })
  })
})

describe('restore', () => {
  it('starts the server again, with its quota', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    await performed(restore, all, context)
    const server = await world.server()
    expect(server).toMatchObject({ vmState: 'active', powerState: 'running', deletedAt: null, stateBeforeDelete: null })
    expect(await world.running()).toEqual(['host-a'])
    expect(await usedBy(context)).toMatchObject({ instances: 1, ram: server.flavor.ram })
  })

  it('is refused when the quota was given to another server', async () => {
    const { context, ...world } = await aKeptServer()
    await limited(context, ['instances', 1])
    await performed(remove, all, context)
    await performed(create, { ...web1, name: 'web-2' }, another(context))
    expect(await faultOf(restore, all, context)).toMatchObject({ kind: 'over-quota' })
    await performed(forceDelete, { servers: ['web-2'] }, context)
    await performed(restore, all, context)
    expect(await world.running()).toEqual(['host-a'])
  })

  const ways: readonly (readonly [string, AnyAction, object, AnyAction, object])[] = [
    ['paused', pause, all, stop, all],
    ['rescued', rescue, one, unrescue, all],
    ['resized', migrate, one, revert, all],
    ['shelved_offloaded', shelve, all, unshelve, all],
  ]
  it.each(ways)('brings back what was %s', async (state, action, input, next, nextInput) => {
    const { context, ...world } = await aKeptServer()
    await performed(action, input, context)
    expect(await world.server()).toMatchObject({ vmState: state })
    await performed(remove, all, context)
    expect(await world.server()).toMatchObject({ vmState: 'soft-delete', stateBeforeDelete: state })
    expect(await performed(syncPowerStates, {}, context)).toEqual([])
    await performed(restore, all, context)
    expect(await world.server()).toMatchObject({ vmState: state === 'paused' ? 'active' : state })
    await performed(next, nextInput, context)
    expect(await world.findings()).toEqual([])
  })
})

describe('the periodic task', () => {
  it('deletes for good what was deleted longer than the interval ago', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    const { deletedAt } = await world.server()
    context.clock.advance(hour * 1000 - 1)
    expect(await performed(reclaim, {}, context)).toEqual([])
    context.clock.advance(1)
    expect(await performed(reclaim, {}, context)).toMatchObject([{ name: 'web-1', status: 'DELETED' }])
    expect(await world.server()).toMatchObject({ vmState: 'deleted', deleted: true, deletedAt })
    expect(await world.entries('host-a')).toEqual([])
    expect(await world.findings()).toEqual([])
  })

  it('leaves one that is locked, and all of them without the setting', async () => {
    const { context, ...world } = await aKeptServer()
    await performed(remove, all, context)
    context.clock.advance(10 ** 9)
    expect(await performed(reclaim, {}, world.cloud.context)).toEqual([])
    await performed(lock, one, context)
    expect(await performed(reclaim, {}, context)).toEqual([])
    expect(await world.entries('host-a')).toHaveLength(1)
  })
})
