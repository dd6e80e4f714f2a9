/** What is said against a live migration before anything begins: all of it at once. */
import { describe, expect, it } from 'vitest'
import { drain } from '../../../../src/actions/host/drain.ts'
import { evacuatePlan } from '../../../../src/actions/host/evacuate-plan.ts'
import { set } from '../../../../src/actions/host/set.ts'
import { list } from '../../../../src/actions/migration/list.ts'
import { liveMigrate } from '../../../../src/actions/server/live-migrate.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import type { HostRecord } from '../../../../src/model/host.ts'
import { faultOf, performed, recordsOf, seenBy, type TestContext } from '../../../support/a-context.ts'
import { command, withoutLive } from '../../../support/full-host.ts'
import { aServerToMove } from '../../../support/moved-server.ts'

const one = { server: 'web-1' }

const changeHost = (context: TestContext, name: string, change: (host: HostRecord) => Partial<HostRecord>) =>
  context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
    const [host] = await tx.list('hosts', { where: { name } })
    if (host) await tx.update('hosts', { ...host, ...change(host) })
  })

describe('a live migration is refused', () => {
  it('with every reason at once, and nothing has changed', async () => {
    const { context, server } = await aServerToMove()
    await performed(stop, { servers: ['web-1'] }, context)
    await performed(set, { host: 'host-b', disable: true, reason: 'broken' }, context)
    await changeHost(context, 'host-b', () => ({ driver: 'qemu' }))
    const before = await server()
    const fault = await faultOf(liveMigrate, { ...one, host: 'host-b' }, withoutLive(context))
    expect(fault.message).toMatch(/^server web-1 cannot move live, for \d reasons: /)
    expect(fault.details).toEqual({
      reasons: [
        'cannot live-migrate server web-1: it is SHUTOFF (stopped)',
        'host host-b has driver qemu, host host-a has fake',
        expect.stringContaining('ComputeFilter refused'),
        expect.stringContaining('host host-a moves no running servers'),
        expect.stringContaining('host host-b moves no running servers'),
      ],
    })
    expect(await server()).toEqual(before)
    expect(await recordsOf(context.store, 'migrations')).toEqual([])
  })

  it.each([
    [{ host: 'host-a' }, 'it cannot move to the host that it is on'],
    [{ host: 'host-z' }, 'no host named host-z'],
    [{ blockMigrate: true, shared: true }, 'exclude each other'],
    [{ maxDowntime: 0 }, 'maxDowntime'],
    [{ transport: 'carrier-pigeon' }, 'transport'],
  ])('for %o', async (input, message) => {
    const { context } = await aServerToMove()
    expect((await faultOf(liveMigrate, { ...one, ...input }, context)).message).toContain(message)
  })

  it('for CPU features that the other host lacks, unless the image names its CPU', async () => {
    const { context } = await aServerToMove()
    for (const [name, cpuFeatures] of [
      ['host-a', ['sse2', 'avx', 'avx2']],
      ['host-b', ['sse2']],
    ] as const)
      await changeHost(context, name, ({ inventory }) => ({
        inventory: inventory && { ...inventory, accelerator: 'kvm', cpuFeatures: [...cpuFeatures] },
      }))
    const fault = await faultOf(liveMigrate, one, context)
    expect(fault.message).toContain('host host-b lacks 2 CPU features of host host-a: avx, avx2')
    await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
      const [image] = await tx.list('images')
      if (image) await tx.update('images', { ...image, properties: [['hw_cpu_model', 'Nehalem']] })
    })
    expect(await performed(liveMigrate, one, context)).toMatchObject({ host: 'host-b' })
  })

  it.each([
    ['7.2.22', [['hw:numa_nodes', '1']], 'has NUMA cells: QEMU 7.2.22 of host host-a'],
    ['8.2', [['hw:mem_page_size', 'large']], 'has huge pages'],
    ['9.0.2', [['hw:numa_nodes', '1']], null],
    ['7.2.22', [], null],
  ] as const)('for memory that an emulated guest would lose: QEMU %s, %j', async (version, extraSpecs, words) => {
    const { context, server } = await aServerToMove()
    for (const name of ['host-a', 'host-b'])
      await changeHost(context, name, ({ inventory }) => ({
        driver: 'libvirt',
        inventory: inventory && { ...inventory, accelerator: 'tcg', hypervisorVersion: version },
      }))
    const { flavor } = await server()
    await context.store.transaction({ actor: 'test', request: 'req-0', action: 'given' }, async (tx) => {
      const [found] = await tx.list('servers')
      if (found)
        await tx.update('servers', {
          ...found,
          flavor: { ...flavor, extraSpecs: extraSpecs.map(([key, value]) => [key, value]) },
        })
    })
    const fault = await performed(liveMigrate, one, context).then(
      () => null,
      (error: Error) => error.message,
    )
    if (words === null) expect(fault ?? '').not.toContain('is emulated')
    else expect(fault).toContain(words)
  })

  it('for a locked server, and for whoever is no admin', async () => {
    const { context } = await aServerToMove()
    expect(await faultOf(liveMigrate, one, seenBy(context, { roles: ['member'] }))).toMatchObject({ kind: 'forbidden' })
    await performed(lock, one, context)
    expect(await faultOf(liveMigrate, one, context)).toMatchObject({ hint: 'nova unlock web-1' })
  })
})

it('hosts that do not answer are passed over while there are others', async () => {
  const { context, cloud } = await aServerToMove(['host-a', 'host-b', 'host-c'])
  cloud.silent.add('host-b')
  expect(await performed(liveMigrate, one, context)).toMatchObject({ host: 'host-c' })
})

it('a plan shows the steps and changes nothing', async () => {
  const { context, cloud, server } = await aServerToMove()
  const before = await server()
  const planned = await cloud.planning()
  await performed(liveMigrate, one, planned)
  const steps = planned.events.flatMap((event) => (event.type === 'step' && event.status === 'done' ? [event.step] : []))
  expect(steps.slice(-4)).toEqual(['check', 'prepare', 'move', 'leave'])
  expect(await server()).toEqual(before)
  expect(await recordsOf(context.store, 'migrations')).toEqual([])
})

it('plain tcp is warned of', async () => {
  const { context } = await aServerToMove()
  await performed(liveMigrate, { ...one, transport: 'tcp' }, context)
  const notes = context.events.flatMap((event) => (event.type === 'note' ? [event.message] : []))
  expect(notes).toContainEqual(expect.stringContaining('unencrypted'))
  expect(await performed(list, {}, context)).toMatchObject([{ type: 'live', status: 'completed', percent: 100 }])
})

describe('a plan of an evacuation', () => {
  it('says where each server would go, and why one could not, and changes nothing', async () => {
    const { context, server } = await aServerToMove()
    const before = await server()
    const host = { host: 'host-a' }
    expect(await performed(evacuatePlan, host, context)).toMatchObject([{ server: 'web-1', to: 'host-b', reason: null }])
    await performed(set, { host: 'host-b', disable: true, reason: 'broken' }, context)
    expect(await performed(evacuatePlan, host, context)).toMatchObject([
      { server: 'web-1', to: null, reason: expect.stringContaining('ComputeFilter') },
    ])
    expect(await server()).toEqual(before)
    await performed(set, { host: 'host-b', enable: true }, context)
    await command(drain, host, context)
    expect(await performed(evacuatePlan, host, context)).toEqual([])
  })
})
