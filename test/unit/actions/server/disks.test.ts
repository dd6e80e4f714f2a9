/** Disks that a server gets besides those of its flavor, and gives back. */
import { describe, expect, it } from 'vitest'
import { addDisk } from '../../../../src/actions/server/add-disk.ts'
import { listDisks } from '../../../../src/actions/server/list-disks.ts'
import { removeDisk } from '../../../../src/actions/server/remove-disk.ts'
import type { DiskView } from '../../../../src/model/disk-view.ts'
import { faultOf, performed } from '../../../support/a-context.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }

async function aServer(hosts = ['host-a']) {
  const world = await aServerToMove(hosts)
  const disks = async () => (await performed(listDisks, one, world.context)) as DiskView[]
  const extra = async () => (await disks()).filter(({ role }) => role === 'extra')
  const added = async (name: string, size = 2) => (await performed(addDisk, { ...one, size, name }, world.context)) as DiskView
  return { ...world, disks, extra, added }
}

describe('a disk', () => {
  it('comes and goes by name, id or serial, and the server is as it was', async () => {
    const { context, disks, extra, server, findings } = await aServer()
    const before = await disks()
    const first = (await performed(addDisk, { ...one, size: 3 }, context)) as DiskView
    expect(first).toMatchObject({ name: 'disk-1', role: 'extra', bytes: 3 * 1024 ** 3, format: 'qcow2' })
    expect(first.device).toBe(`/dev/disk/by-id/virtio-${first.serial}`)
    for (const size of [1, 2]) await performed(addDisk, { ...one, size }, context)
    const [, second, third] = await extra()
    expect([second?.name, third?.name]).toEqual(['disk-2', 'disk-3'])
    expect(await findings()).toEqual([])
    for (const disk of [first.name, second?.id, third?.serial]) await performed(removeDisk, { ...one, disk }, context)
    expect(await disks()).toEqual(before)
    expect(await server()).toMatchObject({ vmState: 'active', taskState: null, disks: [] })
    expect(await findings()).toEqual([])
  })

  it('counts on its host, which refuses with numbers what does not fit', async () => {
    const { context, added, server } = await aServer()
    await added('large', 3000)
    expect(await faultOf(addDisk, { ...one, size: 3000 }, context)).toMatchObject({
      kind: 'no-valid-host',
      message: expect.stringMatching(/^host host-a has no room for the disk: .*\d+ GB/),
    })
    expect(await server()).toMatchObject({ taskState: null, disks: [{ name: 'large' }] })
  })

  it('has a name of its own, and a server has 16 of them at most', async () => {
    const { context, added } = await aServer()
    await added('__proto__', 1)
    expect(await faultOf(addDisk, { ...one, size: 1, name: '__proto__' }, context)).toMatchObject({ kind: 'conflict' })
    expect(await faultOf(removeDisk, { ...one, disk: 'constructor' }, context)).toMatchObject({
      kind: 'not-found',
      message: 'server web-1 has no extra disk constructor: it has __proto__',
    })
    for (let count = 1; count < 16; count += 1) await performed(addDisk, { ...one, size: 1 }, context)
    expect(await faultOf(addDisk, { ...one, size: 1 }, context)).toMatchObject({
      message: 'server web-1 has 16 extra disks, the most is 16',
    })
  })

  it('that the host refuses is not in the record and claims nothing', async () => {
    const { context, extra, cloud, server } = await aServer()
    await cloud.misbehave('host-a', [{ call: 'attachDisk', mode: 'fail', kind: 'unsupported', message: 'no free port' }])
    expect(await faultOf(addDisk, { ...one, size: 1 }, context)).toMatchObject({ kind: 'unsupported' })
    expect(await extra()).toEqual([])
    expect(await server()).toMatchObject({ taskState: null, fault: { message: 'no free port' } })
  })

  it('that came although its host said otherwise, and stays, is in the record', async () => {
    const { context, extra, cloud } = await aServer()
    await cloud.misbehave('host-a', [
      { call: 'attachDisk', mode: 'fail-after' },
      { call: 'detachDisk', mode: 'fail', kind: 'timeout' },
    ])
    await faultOf(addDisk, { ...one, size: 1 }, context)
    expect(await extra()).toMatchObject([{ attachedAt: expect.any(String) }])
  })

  it('that the guest does not let go of stays, and goes when it is asked again', async () => {
    const { context, extra, added, cloud } = await aServer()
    await added('data')
    await cloud.misbehave('host-a', [{ call: 'detachDisk', mode: 'fail', kind: 'timeout', message: 'it holds on' }])
    expect(await faultOf(removeDisk, { ...one, disk: 'data' }, context)).toMatchObject({ kind: 'timeout' })
    expect(await extra()).toMatchObject([{ name: 'data' }])
    await cloud.misbehave('host-a', [])
    await performed(removeDisk, { ...one, disk: 'data' }, context)
    expect(await extra()).toEqual([])
  })

  it('whose content is gone does not come back empty when the answer was lost', async () => {
    const { context, extra, added, cloud, findings } = await aServer()
    await added('data')
    await cloud.misbehave('host-a', [{ call: 'detachDisk', mode: 'fail-after', kind: 'timeout' }])
    expect(await faultOf(removeDisk, { ...one, disk: 'data' }, context)).toMatchObject({ kind: 'timeout' })
    expect(await extra()).toEqual([])
    expect(await findings()).toEqual([])
  })
})
