import { describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/server/create.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { explain } from '../../../src/actions/server/explain.ts'
import type { Driver } from '../../../src/drivers/driver.ts'
import { bootServer } from '../../../src/flows/boot-server.ts'
import { aCloud, type Cloud, guestsOn } from '../../support/a-cloud.ts'
import { faultOf, performed } from '../../support/a-context.ts'

const boot = { name: 'web-1', image: 'cirros', flavor: 'm1.tiny' }
const servers = (cloud: Cloud) => cloud.context.store.read((reader) => reader.list('servers'))
const allGuests = async (cloud: Cloud) => (await Promise.all([...cloud.hosts.values()].map(guestsOn))).flat()

describe('boot-server', () => {
  it('makes the guest on the host that the record names', async () => {
    const cloud = await aCloud()
    const server = (await performed(create, boot, cloud.context)) as {
      id: string
      host: string
      status: string
      powerState: string
    }
    expect(server).toMatchObject({ name: 'web-1', status: 'ACTIVE', powerState: 'running', taskState: null })
    expect(await guestsOn(cloud.hosts.get(server.host))).toEqual([server.id])
  })

  const calls: (keyof Driver)[] = ['cacheImage', 'createDisks', 'createConfigDrive', 'spawn', 'inspect']

  it.each(calls)('leaves nothing on any host when %s fails everywhere, and an ERROR that says why', async (call) => {
    const cloud = await aCloud(['host-a', 'host-b', 'host-c', 'host-d'])
    for (const host of cloud.hosts.keys()) await cloud.misbehave(host, [{ call, mode: 'fail', message: `no ${call} today` }])
    const fault = await faultOf(create, boot, cloud.context)
    expect(fault.message).toBe(`no ${call} today`)
    expect(await allGuests(cloud)).toEqual([])
    const [server] = await servers(cloud)
    expect(server).toMatchObject({ vmState: 'error', taskState: null, host: null, fault: { message: `no ${call} today` } })
  })

  it.each(calls)('goes to another host when %s fails on the first, and leaves nothing there', async (call) => {
    const cloud = await aCloud(['host-a', 'host-b'])
    await cloud.misbehave('host-a', [{ call, mode: 'fail-after' }])
    const server = (await performed(create, boot, cloud.context)) as { id: string; host: string }
    expect(server.host).toBe('host-b')
    expect(await guestsOn(cloud.hosts.get('host-a'))).toEqual([])
  })

  it('gives up when no host is left that did not fail, and says why the last one did', async () => {
    const cloud = await aCloud(['host-a', 'host-b'])
    for (const host of cloud.hosts.keys())
      await cloud.misbehave(host, [{ call: 'spawn', mode: 'fail', message: 'no memory left' }])
    const fault = await faultOf(create, boot, cloud.context)
    expect(fault).toMatchObject({ kind: 'no-valid-host', message: expect.stringContaining('no memory left') })
    const [server] = await servers(cloud)
    expect(server).toMatchObject({ vmState: 'error', taskState: null, host: null, fault: { message: fault.message } })
    expect(await cloud.context.store.read((reader) => reader.count('flows', { where: { open: true } }))).toBe(0)
  })

  it('tries three hosts at most and counts their failures', async () => {
    const cloud = await aCloud(['host-a', 'host-b', 'host-c', 'host-d', 'host-e'])
    for (const host of cloud.hosts.keys()) await cloud.misbehave(host, [{ call: 'spawn', mode: 'fail' }])
    await faultOf(create, boot, cloud.context)
    const hosts = await cloud.context.store.read((reader) => reader.list('hosts'))
    expect(hosts.map((host) => host.failedBuilds).reduce((a, b) => a + b)).toBe(3)
  })

  it('stays blocked, with the obstacle named, when undo fails; and is taken back when it is mended', async () => {
    const cloud = await aCloud(['host-a'])
    await cloud.misbehave('host-a', [
      { call: 'spawn', mode: 'fail' },
      { call: 'destroy', mode: 'fail', message: 'disk on fire' },
    ])
    expect((await faultOf(create, boot, cloud.context)).message).toContain('cannot undo spawn')
    const [record] = await cloud.context.store.read((reader) => reader.list('flows', { where: { open: true } }))
    expect(record).toMatchObject({ status: 'blocked', owner: null })
    await cloud.misbehave('host-a', [])
    await cloud.process(2).flows.adopt({ handedOver: true })
    expect(await allGuests(cloud)).toEqual([])
    expect(await cloud.context.store.read((reader) => reader.count('flows', { where: { open: true } }))).toBe(0)
  })

  it('refuses a boot that fits nowhere and leaves only the reason', async () => {
    const cloud = await aCloud(['host-a'])
    const fault = await faultOf(create, { ...boot, availabilityZone: 'mars' }, cloud.context)
    expect(fault.kind).toBe('no-valid-host')
    expect(await servers(cloud)).toEqual([])
    const answer = (await performed(explain, { target: 'web-1' }, cloud.context)) as { refused: string; decisions: unknown[] }
    expect(answer.refused).toContain('web-1')
    expect(answer.decisions).toHaveLength(1)
  })

  it('plans the very commands that it then runs', async () => {
    const cloud = await aCloud(['host-a'])
    const normal = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,23}[0-9a-f]?/g, 'ID')
    const commandsOf = (events: Cloud['context']['events']) =>
      events
        .flatMap((event) => (event.type === 'step' && event.status === 'done' ? [event.step, ...(event.commands ?? [])] : []))
        .map(normal)
    const planned = await cloud.planning()
    await performed(create, boot, planned)
    const plan = commandsOf(planned.events).slice()
    expect(await servers(cloud)).toEqual([])
    expect(await allGuests(cloud)).toEqual([])
    cloud.context.events.length === 0 || (cloud.context.events as unknown[]).splice(0)
    await performed(create, boot, cloud.context)
    expect(commandsOf(cloud.context.events)).toEqual(plan)
    expect(plan.some((line) => line.includes('guest.json'))).toBe(true)
  })
})

describe('a process that dies', () => {
  const steps = bootServer.steps.length
  // Each step has one effect on the host at most and one record after it, and the boot itself is one record.
  const effects = Array.from({ length: steps * 2 }, (_, index) => index + 1)

  it.each(effects)('after %i effects of a boot is followed by one that finishes it', async (count) => {
    const cloud = await aCloud(['host-a'])
    void performed(create, boot, cloud.process(7, { mortal: { effects: count } })).catch(() => undefined)
    await settled()
    cloud.dead.add(7)
    await cloud.process(8).flows.adopt()
    const [server] = await servers(cloud)
    expect(server).toMatchObject({ vmState: 'active', taskState: null })
    expect(await allGuests(cloud)).toEqual([server?.id])
    expect(await cloud.context.store.read((reader) => reader.count('flows', { where: { open: true } }))).toBe(0)
  })

  it.each([1, 2, 3, 4])('after %i effects of a delete is followed by one that finishes it', async (count) => {
    const cloud = await aCloud(['host-a'])
    await performed(create, boot, cloud.context)
    void performed(remove, { servers: ['web-1'] }, cloud.process(7, { mortal: { effects: count } })).catch(() => undefined)
    await settled()
    cloud.dead.add(7)
    await cloud.process(8).flows.adopt()
    expect(await allGuests(cloud)).toEqual([])
    expect((await servers(cloud))[0]).toMatchObject({ deleted: true, vmState: 'deleted' })
  })

  it.each(['createDisks', 'spawn', 'inspect'])('and wakes up in %s after a delete can do no harm', async (method) => {
    const cloud = await aCloud(['host-a'])
    let open = () => {}
    const gate = new Promise<void>((resolve) => {
      open = resolve
    })
    const late = performed(create, boot, cloud.process(7, { paused: { method, gate } })).catch((error: unknown) => error)
    await settled()
    await performed(remove, { servers: ['web-1'] }, cloud.process(8))
    open()
    expect(await late).toMatchObject({ kind: 'conflict' })
    expect(await allGuests(cloud)).toEqual([])
    expect((await servers(cloud))[0]).toMatchObject({ vmState: 'deleted' })
  })
})

/** Everything that can go on without outside help has gone on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}
