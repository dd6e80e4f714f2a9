import { describe, expect, it } from 'vitest'
import { add } from '../../../../src/actions/host/add.ts'
import { list } from '../../../../src/actions/host/list.ts'
import { remove } from '../../../../src/actions/host/remove.ts'
import { set } from '../../../../src/actions/host/set.ts'
import { show } from '../../../../src/actions/host/show.ts'
import { unset } from '../../../../src/actions/host/unset.ts'
import { aContext, fakeCompute, faultOf, given, performed, recordsOf } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { aHost, anInventory } from '../../../support/a-host.ts'
import { aServer } from '../../../support/a-server.ts'
import { anImage } from '../../../support/an-image.ts'
import { keepsToTheNoun } from '../../../support/noun-contract.ts'

keepsToTheNoun({
  table: 'hosts',
  record: (name) => aHost({ name }),
  show,
  showField: 'host',
  remove,
  removeField: 'hosts',
  scoped: false,
})

const answering = () => aContext({ compute: fakeCompute(() => anInventory()) })

describe('host add', () => {
  it('reads the inventory and then enables the host', async () => {
    const context = answering()
    expect(await performed(add, { name: 'h1', ramAllocationRatio: 2 }, context)).toMatchObject({
      name: 'h1',
      driver: 'qemu',
      instancesPath: '/instances/h1',
      status: 'enabled',
      state: 'up',
      zone: 'nova',
      vcpus: 8,
      ramAllocationRatio: 2,
      lastSeenAt: '2026-01-01T00:00:00.000Z',
    })
  })

  it('places nothing on it before the inventory is known', async () => {
    const seen: boolean[] = []
    const context = aContext()
    const compute = fakeCompute(async () => {
      seen.push(...(await recordsOf(context.store, 'hosts')).map((host) => host.enabled))
      return anInventory()
    })
    await performed(add, { name: 'h1' }, { ...context, compute })
    expect(seen).toEqual([false])
  })

  it('leaves nothing of a host that does not answer', async () => {
    const context = aContext()
    expect(await faultOf(add, { name: 'h1' }, context)).toMatchObject({ kind: 'unreachable' })
    expect(await recordsOf(context.store, 'hosts')).toEqual([])
  })

  it('finishes one that a killed process left without inventory', async () => {
    const context = answering()
    await given(context, 'hosts', aHost({ inventory: null, enabled: false }))
    expect(await performed(add, { name: 'h1' }, context)).toMatchObject({ status: 'enabled', state: 'up' })
  })

  it.each([
    [{ name: 'old' }, 'exists', 'host old exists already'],
    [{ name: 'far', address: 'root@10.0.0.7:70000' }, 'invalid', 'root@10.0.0.7:70000 is no address of a host'],
    [{ name: 'far', address: '-oProxyCommand=x' }, 'invalid', 'address'],
    [{ name: 'far', address: 'x;id' }, 'invalid', 'address'],
    [{ name: 'far', address: '10.0.0.7', jump: 'gate,-J evil' }, 'invalid', '-J evil is no address'],
    [{ name: 'far', address: '10.0.0.7', identity: 'key' }, 'invalid', 'no absolute path'],
    [{ name: 'far', address: '10.0.0.7', driver: 'fake' }, 'invalid', 'runs on this machine only'],
    [{ name: 'new', acceptNew: true }, 'invalid', '--accept-new of host new need an address'],
    [
      { name: 'new', instancesPath: '/instances/old' },
      'conflict',
      'host new cannot use /instances/old: host old keeps its servers there',
    ],
    [{ name: 'h1', driver: 'xen' }, 'invalid', 'driver must be one of: fake, qemu'],
    [{ name: 'a b' }, 'invalid', 'name has characters'],
    [{ name: '-h' }, 'invalid', 'name has characters'],
    [{ name: 'h1', instancesPath: 'relative' }, 'invalid', 'instancesPath'],
    [{ name: 'h1', instancesPath: '/a/../etc' }, 'invalid', 'instancesPath'],
    [{ name: 'h1', cpuAllocationRatio: 0 }, 'invalid', 'cpuAllocationRatio is 0, the least is 0.01'],
  ])('refuses %j', async (input, kind, message) => {
    const context = answering()
    await given(context, 'hosts', aHost({ name: 'old' }))
    const fault = await faultOf(add, input, context)
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(message)
    expect(await recordsOf(context.store, 'hosts')).toHaveLength(1)
  })

  it('takes the one that is there when asked to', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost())
    expect(await performed(add, { name: 'h1', orReuse: true }, context)).toMatchObject({ id: 'id-h1', driver: 'fake' })
  })
})

describe('host list', () => {
  it('adds up what the servers on each host were promised', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost(), aHost({ name: 'h2', enabled: false, inventory: null }))
    await given(context, 'images', anImage({ virtualSize: 3 * 1024 ** 3 - 1 }))
    const flavor = { ...aServer().flavor, vcpus: 2, ram: 1024, disk: 0, ephemeral: 5, swap: 100 }
    await given(
      context,
      'servers',
      aServer({ flavor, imageId: 'i1' }),
      aServer({ id: 's2' }),
      aServer({ id: 's3', deleted: true }),
    )
    expect(await performed(list, {}, context)).toMatchObject([
      { name: 'h1', servers: 2, vcpusUsed: 3, memoryMbUsed: 1536, diskGbUsed: 3 + 5 + 1 + 1, state: 'up', status: 'enabled' },
      { name: 'h2', servers: 0, vcpusUsed: 0, memoryMbUsed: 0, diskGbUsed: 0, state: 'down', status: 'disabled' },
    ])
    expect(await performed(list, { status: 'disabled' }, context)).toMatchObject([{ name: 'h2' }])
    expect(await performed(show, { host: 'h1' }, context)).toMatchObject({ vcpusUsed: 3, inventory: { cpuModel: 'host' } })
  })

  it('is by zone when asked', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost(), aHost({ name: 'h2' }))
    const rack = { id: 'a1', generation: 1, name: 'rack', hosts: ['h2'], createdAt: '2026-01-01T00:00:00.000Z' }
    await given(context, 'aggregates', { ...rack, metadata: [['availability_zone', 'az1']] })
    expect(await performed(list, { zone: 'az1' }, context)).toMatchObject([{ name: 'h2', zone: 'az1' }])
    expect(await performed(list, { zone: 'constructor' }, context)).toEqual([])
  })
})

describe('host set and unset', () => {
  it('disable with a reason, enable, override and drop overrides', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost())
    const change = { host: 'h1', disable: true, reason: 'new disk', cpuAllocationRatio: 4, reservedDiskGb: 10 }
    expect(await performed(set, change, context)).toMatchObject({
      status: 'disabled',
      disabledReason: 'new disk',
      cpuAllocationRatio: 4,
      reservedDiskGb: 10,
      ramAllocationRatio: null,
    })
    expect(await performed(set, { host: 'h1', enable: true }, context)).toMatchObject({ status: 'enabled', disabledReason: null })
    expect(await performed(unset, { host: 'h1', cpuAllocationRatio: true }, context)).toMatchObject({
      cpuAllocationRatio: null,
      reservedDiskGb: 10,
    })
  })

  it.each([
    [{ enable: true, disable: true }, 'invalid', 'both'],
    [{ reason: 'x' }, 'invalid', 'belongs to disable'],
    [{ enable: true, host: 'h2' }, 'conflict', 'host h2 has no inventory yet'],
    [{ disable: true, reason: 'x'.repeat(256) }, 'invalid', 'the limit is 255'],
  ])('refuse %j', async (change, kind, message) => {
    const context = aContext()
    await given(context, 'hosts', aHost(), aHost({ name: 'h2', inventory: null }))
    const fault = await faultOf(set, { host: 'h1', ...change }, context)
    expect(fault.kind).toBe(kind)
    expect(fault.message).toContain(message)
  })
})

describe('host remove', () => {
  it('is refused while servers live there, with their count and names', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost())
    await given(context, 'servers', ...[1, 2, 3, 4, 5, 6].map((n) => aServer({ id: `s${n}`, name: `web-${n}` })))
    const fault = await faultOf(remove, { hosts: ['h1'] }, context)
    expect(fault).toMatchObject({
      kind: 'conflict',
      message: 'host h1 still has 6 servers: web-1, web-2, web-3, web-4, web-5, …',
    })
  })

  it('takes it out of its aggregates', async () => {
    const context = aContext()
    await given(context, 'hosts', aHost(), aHost({ name: 'h2' }))
    await given(context, 'servers', aServer({ deleted: true, flavor: aFlavor() }))
    await given(context, 'aggregates', { id: 'a', generation: 1, name: 'a', hosts: ['h1', 'h2'], metadata: [], createdAt: '' })
    await performed(remove, { hosts: ['h1'] }, context)
    expect(await recordsOf(context.store, 'aggregates')).toMatchObject([{ hosts: ['h2'] }])
  })
})
