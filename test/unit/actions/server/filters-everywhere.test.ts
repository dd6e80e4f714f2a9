/** S24: whatever puts a server on a host asks the same filters; naming the host is for administrators and skips none. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../../src/actions/server/create.ts'
import { evacuate } from '../../../../src/actions/server/evacuate.ts'
import { liveMigrate } from '../../../../src/actions/server/live-migrate.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import { rebuild } from '../../../../src/actions/server/rebuild.ts'
import { resize } from '../../../../src/actions/server/resize.ts'
import { shelve } from '../../../../src/actions/server/shelve.ts'
import { unshelve } from '../../../../src/actions/server/unshelve.ts'
import type { AnyAction } from '../../../../src/core/action.ts'
import { fieldsOf } from '../../../../src/core/schema.ts'
import type { HostRecord } from '../../../../src/model/host.ts'
import type { Image } from '../../../../src/model/image.ts'
import { faultOf, given, mallory, performed, recordsOf, seenBy, type TestContext } from '../../../support/a-context.ts'
import { anImage } from '../../../support/an-image.ts'
import { aServerToMove, type MovedServer } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }
const named = { ...one, host: 'host-b' }

interface Way {
  readonly name: string
  readonly action: AnyAction
  readonly input: object
  /** What has to be so before. */
  readonly first?: (world: MovedServer) => Promise<unknown>
}

/** The image asks for an architecture that no host has, unless it is set otherwise. */
const odd = (): Image => anImage({ id: 'odd', name: 'odd', projectId: 'p1', properties: [['architecture', 'aarch64']] })
const isOff = { iCheckedItIsOff: 'alice: pulled the plug' }
const dies = async ({ cloud }: MovedServer) => cloud.silent.add('host-a')
const isShelved = ({ context }: MovedServer) => performed(shelve, { servers: ['web-1'] }, context)
const another = { name: 'web-2', image: 'cirros', flavor: 'm1.small' }
const toB: readonly Way[] = [
  { name: 'boot on a named host', action: create, input: { ...another, availabilityZone: ':host-b' } },
  { name: 'resize', action: resize, input: { ...one, flavor: 'm1.medium' } },
  { name: 'migrate', action: migrate, input: one },
  { name: 'migrate to a named host', action: migrate, input: named },
  { name: 'live migration', action: liveMigrate, input: one },
  { name: 'live migration to a named host', action: liveMigrate, input: named },
  { name: 'evacuation', action: evacuate, input: { ...one, ...isOff }, first: dies },
  { name: 'evacuation to a named host', action: evacuate, input: { ...named, ...isOff }, first: dies },
]

const changeHosts = (context: TestContext, change: (host: HostRecord) => Partial<HostRecord>) =>
  context.store.transaction({ actor: 'test', request: 'r', action: 'change' }, async (tx) => {
    for (const host of await tx.list('hosts')) await tx.update('hosts', { ...host, ...change(host) })
  })
const onB = (change: (host: HostRecord) => Partial<HostRecord>) => (world: MovedServer) =>
  changeHosts(world.context, (host) => (host.name === 'host-b' ? change(host) : {}))
const changeImage = async ({ context }: MovedServer, fields: Partial<Image>) =>
  context.store.transaction({ actor: 'test', request: 'r', action: 'change' }, async (tx) => {
    const image = await tx.get('images', 'image-1')
    if (image) await tx.update('images', { ...image, ...fields })
  })

/** Each makes host-b unfit in the eyes of another filter. */
const obstacles: readonly (readonly [filter: string, make: (world: MovedServer) => Promise<unknown>])[] = [
  ['ComputeFilter', onB(() => ({ enabled: false, disabledReason: 'maintenance' }))],
  ['RamFilter', onB(({ inventory }) => ({ inventory: inventory && { ...inventory, memoryMb: 600 } }))],
  ['CoreFilter', onB(() => ({ cpuAllocationRatio: 0.01 }))],
  ['DiskFilter', onB(() => ({ reservedDiskGb: 1_000_000 }))],
  ['ImagePropertiesFilter', (world) => changeImage(world, { properties: [['architecture', 'aarch64']] })],
]

describe.each(obstacles)('S24 a host that %s refuses', (filter, make) => {
  it.each(toB)('is no destination of a $name', async ({ action, input, first }) => {
    const world = await aServerToMove()
    await first?.(world)
    await make(world)
    const [before, files] = [await recordsOf(world.context.store, 'servers'), await world.entries('host-b')]
    const fault = await faultOf(action, input, world.cloud.process(2))
    expect(fault).toMatchObject({ kind: 'no-valid-host', message: expect.stringContaining(filter) })
    expect(await recordsOf(world.context.store, 'servers')).toEqual(before)
    expect(await world.entries('host-b')).toEqual(files)
  })

  it('does not get a shelved server back', async () => {
    const world = await aServerToMove()
    await isShelved(world)
    await changeHosts(world.context, (host) => (host.name === 'host-a' ? { enabled: false } : {}))
    await make(world)
    if (filter === 'ImagePropertiesFilter') await changeShelvedImage(world)
    const before = await world.server()
    expect(await faultOf(unshelve, { servers: ['web-1'] }, world.context)).toMatchObject({ kind: 'no-valid-host' })
    expect(await world.server()).toEqual(before)
  })
})

/** The image that a shelved server is carries the properties of the one that it came from. */
const changeShelvedImage = ({ context }: MovedServer) =>
  context.store.transaction({ actor: 'test', request: 'r', action: 'change' }, async (tx) => {
    for (const image of await tx.list('images')) await tx.update('images', { ...image, properties: odd().properties })
  })

describe('S24', () => {
  it('a rebuild with another image passes the filters on the host where the server is', async () => {
    const { context, server } = await aServerToMove()
    await given(context, 'images', odd())
    const before = await server()
    expect(await faultOf(rebuild, { ...one, image: 'odd' }, context)).toMatchObject({ kind: 'no-valid-host' })
    expect(await server()).toEqual(before)
  })

  it.each(toB.filter(({ name }) => /named/.test(name)))('a tenant cannot name the host of a $name', async (way) => {
    const world = await aServerToMove()
    await way.first?.(world)
    for (const roles of [['member'], ['reader']] as const)
      expect(await faultOf(way.action, way.input, seenBy(world.context, { ...mallory, projectId: 'p1', roles }))).toMatchObject({
        kind: 'forbidden',
      })
    expect(await recordsOf(world.context.store, 'servers')).toHaveLength(1)
  })

  it('no action has a way around them', async () => {
    const fields = [create, resize, migrate, liveMigrate, evacuate, rebuild, unshelve].flatMap(({ input }) => fieldsOf(input))
    expect(fields.map(({ name }) => name).filter((name) => /force|skip|bypass|ignore/i.test(name))).toEqual([])
  })
})
