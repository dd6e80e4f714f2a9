/** What a shelved server claims, what it keeps, and how it comes back. */
import { describe, expect, it } from 'vitest'
import { remove as removeImage } from '../../../../src/actions/image/delete.ts'
import { usageOf } from '../../../../src/actions/quota/usage.ts'
import { confirm } from '../../../../src/actions/server/confirm.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { offloadExpired } from '../../../../src/actions/server/offload-expired.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { shelveOffload } from '../../../../src/actions/server/shelve-offload.ts'
import { suspend } from '../../../../src/actions/server/suspend.ts'
import { unshelve } from '../../../../src/actions/server/unshelve.ts'
import { fleetOf } from '../../../../src/flows/placement.ts'
import { statusOf } from '../../../../src/model/states.ts'
import { faultOf, performed, recordsOf, type TestContext } from '../../../support/a-context.ts'
import { aServerToMove, type MovedServer, withSettings } from '../../../support/moved-server.ts'

const all = { servers: ['web-1'] }
const claimed = ({ store, settings }: TestContext) =>
  store.read(async (reader) => (await fleetOf(reader, settings)).candidates.map((candidate) => candidate.claimed.ram))
const living = async ({ store }: TestContext) =>
  (await recordsOf(store, 'images')).filter(({ deleted }) => !deleted).map(({ name }) => name)
const staying = ({ context }: MovedServer) => withSettings(context, { shelvedOffloadTime: -1 })

describe('a server that is shelved', () => {
  it('leaves its host at once, its claim with it, and stays in the quota', async () => {
    const world = await aServerToMove()
    const { context } = world
    await performed(shelve, all, context)
    const server = await world.server()
    expect(statusOf(server)).toBe('SHELVED_OFFLOADED')
    expect(server).toMatchObject({ taskState: null, powerState: 'shutdown', host: null })
    expect(await claimed(context)).toEqual([0, 0])
    expect(await context.store.read((reader) => usageOf(reader, 'p1'))).toMatchObject({ instances: 1, ram: server.flavor.ram })
    expect(await living(context)).toEqual(['cirros', 'web-1-shelved'])
    expect(await world.entries('host-a')).toEqual([])
    expect(await world.findings()).toEqual([])
  })

  it('stays on its host as long as the setting says', async () => {
    const world = await aServerToMove()
    const context = withSettings(world.context, { shelvedOffloadTime: 60 })
    await performed(shelve, all, context)
    expect(await world.server()).toMatchObject({ vmState: 'shelved', host: 'host-a', powerState: 'shutdown' })
    expect((await claimed(context))[0]).toBeGreaterThan(0)
    expect(await performed(offloadExpired, {}, context)).toEqual([])
    context.clock.advance(61_000)
    await performed(offloadExpired, {}, context)
    expect(await world.server()).toMatchObject({ vmState: 'shelved_offloaded', host: null })
    expect(await world.findings()).toEqual([])
  })

  it('never leaves it by itself when the setting is -1', async () => {
    const world = await aServerToMove()
    await performed(shelve, all, staying(world))
    world.context.clock.advance(10 ** 9)
    expect(await performed(offloadExpired, {}, staying(world))).toEqual([])
    await performed(shelveOffload, all, staying(world))
    expect(await world.server()).toMatchObject({ vmState: 'shelved_offloaded', host: null })
  })

  it('keeps the image that it is, which goes with the server', async () => {
    const { context } = await aServerToMove()
    await performed(shelve, all, context)
    expect(await faultOf(removeImage, { images: ['web-1-shelved'] }, context)).toMatchObject({
      kind: 'conflict',
      message: 'image "web-1-shelved" holds the disk of shelved server web-1',
    })
    await performed(remove, all, context)
    expect(await living(context)).toEqual(['cirros'])
    expect([...context.images.kept.keys()]).toEqual([])
  })

  it('does not leave its host when the bytes of its image are gone', async () => {
    const world = await aServerToMove()
    await performed(shelve, all, staying(world))
    world.context.images.kept.clear()
    expect(await faultOf(shelveOffload, all, world.context)).toMatchObject({ kind: 'conflict' })
    expect(await world.server()).toMatchObject({ vmState: 'shelved', host: 'host-a', taskState: null })
    expect(await world.entries('host-a')).toHaveLength(1)
  })

  it('runs as before when its image cannot be made', async () => {
    const world = await aServerToMove()
    await world.cloud.misbehave('host-a', [{ call: 'snapshot', mode: 'fail', message: 'no room' }])
    expect((await faultOf(shelve, all, world.context)).message).toBe('no room')
    expect(await world.server()).toMatchObject({ vmState: 'active', powerState: 'running', shelved: null, host: 'host-a' })
    expect(await living(world.context)).toEqual(['cirros'])
    expect(await world.findings()).toEqual([])
  })

  it('may have been suspended', async () => {
    const world = await aServerToMove()
    await performed(suspend, all, world.context)
    await performed(shelve, all, staying(world))
    expect(await world.server()).toMatchObject({ vmState: 'shelved', powerState: 'suspended' })
    await performed(unshelve, all, world.context)
    expect(await world.server()).toMatchObject({ vmState: 'active', powerState: 'running' })
    expect(await world.findings()).toEqual([])
  })
})

describe('a server that comes back', () => {
  it('is placed by the filters again, and its image goes', async () => {
    const world = await aServerToMove()
    const { context } = world
    await performed(shelve, all, context)
    const [hostA] = await recordsOf(context.store, 'hosts')
    await context.store.transaction({ actor: 'test', request: 'r', action: 'given' }, async (tx) => {
      if (hostA) await tx.update('hosts', { ...hostA, enabled: false })
    })
    await performed(unshelve, all, context)
    expect(await world.server()).toMatchObject({
      vmState: 'active',
      host: 'host-b',
      imageId: 'image-1',
      shelved: null,
      fault: null,
    })
    expect(await world.running()).toEqual(['host-b'])
    expect(await living(context)).toEqual(['cirros'])
    expect([...context.images.kept.keys()]).toEqual([])
    expect(await world.findings()).toEqual([])
  })

  it('stays shelved when no host has room for it, and says why', async () => {
    const world = await aServerToMove()
    await performed(shelve, all, world.context)
    const fault = await faultOf(unshelve, all, withSettings(world.context, { ramAllocationRatio: 0.001 }))
    expect(fault).toMatchObject({ kind: 'no-valid-host', details: { decision: expect.anything() } })
    expect(await world.server()).toMatchObject({ vmState: 'shelved_offloaded', host: null, taskState: null })
  })

  it('is tried on another host when the first fails, and keeps its image when all do', async () => {
    const world = await aServerToMove()
    const { context, cloud } = world
    await performed(shelve, all, context)
    for (const host of ['host-a', 'host-b']) await cloud.misbehave(host, [{ call: 'spawn', mode: 'fail-after' }])
    expect((await faultOf(unshelve, all, context)).kind).toBe('no-valid-host')
    expect(await world.server()).toMatchObject({ vmState: 'shelved_offloaded', host: null, taskState: null })
    expect(await living(context)).toEqual(['cirros', 'web-1-shelved'])
    expect(await world.findings()).toEqual([])
    await cloud.misbehave('host-b', [])
    await performed(unshelve, all, context)
    expect(await world.server()).toMatchObject({ vmState: 'active', host: 'host-b' })
  })

  it('starts where it is when it never left', async () => {
    const world = await aServerToMove()
    await performed(shelve, all, staying(world))
    await performed(unshelve, all, world.context)
    expect(await world.server()).toMatchObject({ vmState: 'active', host: 'host-a', shelved: null, rootImageId: null })
    expect(await living(world.context)).toEqual(['cirros'])
    expect(await world.findings()).toEqual([])
  })

  it('moves on the disk that it came back with, until it is rebuilt', async () => {
    const world = await aServerToMove()
    const { context } = world
    await performed(shelve, all, context)
    const shelvedImage = (await world.server()).shelved?.imageId
    await performed(unshelve, all, context)
    expect((await world.server()).rootImageId).toBe(shelvedImage)
    await performed(migrate, { server: 'web-1' }, context)
    expect((await world.server()).rootImageId).toBe(shelvedImage)
    await performed(confirm, all, context)
    await performed(rebuild, { server: 'web-1' }, context)
    expect((await world.server()).rootImageId).toBeNull()
  })
})
