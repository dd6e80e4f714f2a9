/** What an image of a server says, what a backup throws away, and what is refused. */
import { describe, expect, it } from 'vitest'
import { set as setImage } from '../../../../src/actions/image/set.ts'
import { backup } from '../../../../src/actions/server/backup.ts'
import { create } from '../../../../src/actions/server/create.ts'
import { createImageOf } from '../../../../src/actions/server/create-image.ts'
import { remove } from '../../../../src/actions/server/delete.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import type { Image } from '../../../../src/model/image.ts'
import { faultOf, performed, recordsOf, type TestContext } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }
const imagesOf = async ({ store }: TestContext) => (await recordsOf(store, 'images')).filter(({ deleted }) => !deleted)
const named = async (context: TestContext, name: string) => (await imagesOf(context)).find((image) => image.name === name)
const propertiesOf = (image: Image | undefined) => Object.fromEntries(image?.properties ?? [])

describe('an image of a server', () => {
  it('says where it comes from and inherits the rest from the image of the server', async () => {
    const { context, server } = await aServerToMove()
    await performed(setImage, { image: 'cirros', properties: [['hw_disk_bus', 'scsi']], minRam: 64 }, context)
    await performed(createImageOf, { ...one, name: 'golden', properties: [['purpose', 'tests']] }, context)
    const image = await named(context, 'golden')
    expect(image).toMatchObject({ status: 'active', format: 'qcow2', visibility: 'private', minRam: 64, minDisk: 1 })
    expect(propertiesOf(image)).toEqual({
      hw_disk_bus: 'scsi',
      image_type: 'snapshot',
      instance_uuid: (await server()).id,
      base_image_ref: 'image-1',
      purpose: 'tests',
    })
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null, powerState: 'running' })
    await performed(create, { name: 'web-2', image: 'golden', flavor: 'm1.small' }, { ...context, requestId: 'req-2' })
  })

  it('of a server that was booted from such an image says its own origin', async () => {
    const { context } = await aServerToMove()
    await performed(createImageOf, { ...one, name: 'first' }, context)
    const boot = { name: 'web-2', image: 'first', flavor: 'm1.small', nic: 'none' }
    await performed(create, boot, { ...context, requestId: 'req-2' })
    await performed(createImageOf, { server: 'web-2', name: 'second' }, context)
    const [, second] = (await recordsOf(context.store, 'servers')).map(({ id }) => id)
    expect(propertiesOf(await named(context, 'second'))).toMatchObject({ instance_uuid: second, image_type: 'snapshot' })
  })

  it('of a stopped server leaves it stopped', async () => {
    const { context, server } = await aServerToMove()
    await performed(stop, { servers: ['web-1'] }, context)
    await performed(createImageOf, { ...one, name: 'cold' }, context)
    expect(await named(context, 'cold')).toMatchObject({ status: 'active' })
    expect(await server()).toMatchObject({ vmState: 'stopped', powerState: 'shutdown', taskState: null })
  })

  it('that the host fails to make leaves neither record nor bytes', async () => {
    const { context, cloud, server } = await aServerToMove()
    await cloud.misbehave('host-a', [{ call: 'snapshot', mode: 'fail-after', kind: 'conflict', message: 'no room' }])
    const fault = await faultOf(createImageOf, { ...one, name: 'golden' }, context)
    expect(fault.message).toBe('no room')
    expect(await imagesOf(context)).toHaveLength(1)
    expect([...context.images.sources.keys(), ...context.images.kept.keys()]).toEqual([])
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null, fault: { message: 'no room' } })
  })

  it('that is cut off by a delete of its server goes with it', async () => {
    const { context, cloud, findings } = await aServerToMove()
    const gate = new Promise(() => undefined)
    const stuck = cloud.process(7, { paused: { method: 'snapshot', gate } })
    void performed(createImageOf, { ...one, name: 'golden' }, stuck)
    while ((await named(context, 'golden'))?.status !== 'saving') await Promise.resolve()
    await performed(remove, { servers: ['web-1'] }, context)
    expect(await named(context, 'golden')).toBeUndefined()
    expect(await findings()).toEqual([])
  })

  it('in a plan moves no bytes and leaves the records', async () => {
    const { context, cloud } = await aServerToMove()
    const planning = await cloud.planning()
    await performed(createImageOf, { ...one, name: 'golden' }, planning)
    expect(await named(context, 'golden')).toBeUndefined()
    expect([...context.images.sources.keys(), ...context.images.kept.keys()]).toEqual([])
  })
})

describe('a backup', () => {
  const daily = (name: string, rotation = 2) => ({ ...one, name, type: 'daily', rotation })

  it('deletes the oldest of its own type and server, with their bytes', async () => {
    const { context } = await aServerToMove()
    const { clock } = context
    await performed(createImageOf, { ...one, name: 'golden' }, context)
    await performed(backup, { ...one, name: 'week', type: 'weekly', rotation: 1 }, context)
    for (const name of ['mon', 'tue', 'wed']) {
      clock.advance(1000)
      await performed(backup, daily(name), context)
    }
    expect((await imagesOf(context)).map(({ name }) => name).sort()).toEqual(['cirros', 'golden', 'tue', 'wed', 'week'])
    expect(propertiesOf(await named(context, 'wed'))).toMatchObject({ image_type: 'backup', backup_type: 'daily' })
  })

  it('leaves one that is protected', async () => {
    const { context } = await aServerToMove()
    await performed(backup, daily('mon', 1), context)
    await performed(setImage, { image: 'mon', protected: true }, context)
    context.clock.advance(1000)
    await performed(backup, daily('tue', 1), context)
    expect((await imagesOf(context)).map(({ name }) => name).sort()).toEqual(['cirros', 'mon', 'tue'])
  })
})
