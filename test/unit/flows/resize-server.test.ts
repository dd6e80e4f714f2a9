import { describe, expect, it } from 'vitest'
import { confirm } from '../../../src/actions/server/confirm.ts'
import { remove } from '../../../src/actions/server/delete.ts'
import { migrate } from '../../../src/actions/server/migrate.ts'
import { resize } from '../../../src/actions/server/resize.ts'
import { revert } from '../../../src/actions/server/revert.ts'
import { stop } from '../../../src/actions/server/stop.ts'
import type { Driver } from '../../../src/drivers/driver.ts'
import type { Cloud } from '../../support/a-cloud.ts'
import { faultOf, performed } from '../../support/a-context.ts'
import { aServerToMove, withSettings } from '../../support/moved-server.ts'

const grow = { server: 'web-1', flavor: 'm1.medium' }
const all = { servers: ['web-1'] }

describe('a resize', () => {
  it('runs the guest on the other host with the new flavor, and keeps the old copy aside', async () => {
    const { context, server, moves, running, entries, findings } = await aServerToMove()
    await performed(resize, grow, context)
    const { id, ...record } = await server()
    expect(record).toMatchObject({ vmState: 'resized', taskState: null, host: 'host-b', flavor: { name: 'm1.medium' } })
    expect(await moves()).toEqual(['finished'])
    expect(await running()).toEqual(['host-b'])
    expect(await entries('host-a')).toEqual([`${id}_resize`])
    expect(await findings()).toEqual([])
  })

  it('that is confirmed leaves nothing on the old host', async () => {
    const { context, server, moves, running, entries, findings } = await aServerToMove()
    await performed(resize, grow, context)
    await performed(confirm, all, context)
    expect(await server()).toMatchObject({ vmState: 'active', powerState: 'running', host: 'host-b' })
    expect(await moves()).toEqual(['confirmed'])
    expect(await running()).toEqual(['host-b'])
    expect(await entries('host-a')).toEqual([])
    expect(await findings()).toEqual([])
  })

  it('that is reverted restores host, flavor and power', async () => {
    const { context, server, moves, running, entries, findings } = await aServerToMove()
    const before = await server()
    await performed(resize, grow, context)
    await performed(revert, all, context)
    const { host, flavor, vmState, powerState, nics } = await server()
    expect({ host, flavor, vmState, powerState, nics }).toEqual({
      host: before.host,
      flavor: before.flavor,
      vmState: 'active',
      powerState: 'running',
      nics: before.nics,
    })
    expect(await moves()).toEqual(['reverted'])
    expect(await running()).toEqual(['host-a'])
    expect(await entries('host-b')).toEqual([])
    expect(await findings()).toEqual([])
  })

  it.each([confirm, revert])('of a stopped server never starts it: $name', async (end) => {
    const { context, server, running, findings } = await aServerToMove()
    await performed(stop, all, context)
    await performed(resize, grow, context)
    expect(await server()).toMatchObject({ vmState: 'resized', powerState: 'shutdown', host: 'host-b' })
    await performed(end, all, context)
    expect(await server()).toMatchObject({ vmState: 'stopped', powerState: 'shutdown', taskState: null })
    expect(await running()).toEqual([])
    expect(await findings()).toEqual([])
  })

  it('that is deleted leaves nothing on both hosts', async () => {
    const { context, moves, entries, findings } = await aServerToMove()
    await performed(resize, grow, context)
    await performed(remove, all, context)
    expect([...(await entries('host-a')), ...(await entries('host-b'))]).toEqual([])
    expect(await moves()).toEqual(['error'])
    expect(await findings()).toEqual([])
  })

  it('stays on its host when it may, and goes back there too', async () => {
    const { context, server, running, entries, findings } = await aServerToMove(['host-a'])
    const may = withSettings(context, { allowResizeToSameHost: true })
    await performed(resize, grow, may)
    const { id, host, flavor } = await server()
    expect([host, flavor.name]).toEqual(['host-a', 'm1.medium'])
    expect(await entries('host-a')).toEqual([id, `${id}_resize`])
    expect(await findings()).toEqual([])
    await performed(revert, all, may)
    expect(await server()).toMatchObject({ vmState: 'active', flavor: { name: 'm1.small' } })
    expect(await entries('host-a')).toEqual([id])
    expect(await running()).toEqual(['host-a'])
  })

  it('takes what the guest has with it', async () => {
    const { cloud, context, server } = await aServerToMove()
    await performed(resize, grow, context)
    const { id } = await server()
    const guest = String(await cloud.hosts.get('host-b')?.readFile(`/instances/${id}/guest.json`))
    expect(JSON.parse(guest)).toMatchObject({
      spec: { ram: 4096, vcpus: 2 },
      configDrive: true,
      log: expect.stringContaining('login:'),
    })
  })
})

/** Every call to a host that a resize makes, and the host that it makes it to. */
const calls: (readonly [call: keyof Driver, host: string])[] = [
  ['stop', 'host-a'],
  ['setAside', 'host-a'],
  ['sendDisks', 'host-a'],
  ['adopt', 'host-b'],
  ['start', 'host-b'],
  ['inspect', 'host-b'],
]

describe('a resize whose host fails', () => {
  it.each(calls.flatMap(([call, host]) => [['fail', call, host] as const, ['fail-after', call, host] as const]))(
    '(%s) in %s of %s leaves the server running where it was',
    async (mode, call, host) => {
      const { cloud, context, server, moves, running, entries, findings } = await aServerToMove()
      await cloud.misbehave(host, [{ call, mode, message: `no ${call} today` }])
      expect((await faultOf(resize, grow, context)).message).toBe(`no ${call} today`)
      expect(await server()).toMatchObject({
        vmState: 'active',
        taskState: null,
        powerState: 'running',
        host: 'host-a',
        flavor: { name: 'm1.small' },
        fault: { message: `no ${call} today` },
      })
      expect(await running()).toEqual(['host-a'])
      expect(await entries('host-b')).toEqual([])
      expect(await moves()).toEqual(['error'])
      expect(await findings()).toEqual([])
    },
  )

  it('starts the source again though the destination cannot be cleared, and clears it when it answers', async () => {
    const { cloud, context, running, entries, findings } = await aServerToMove()
    await cloud.misbehave('host-b', [
      { call: 'adopt', mode: 'fail' },
      { call: 'destroy', mode: 'fail', message: 'power is off' },
    ])
    expect((await faultOf(resize, grow, context)).message).toContain('cannot undo prepare')
    expect(await running()).toEqual(['host-a'])
    await cloud.misbehave('host-b', [])
    await cloud.process(2).flows.adopt({ handedOver: true })
    expect(await entries('host-b')).toEqual([])
    expect(await findings()).toEqual([])
  })

  it('never starts the source while the destination may run', async () => {
    const { cloud, context, running } = await aServerToMove()
    await cloud.misbehave('host-b', [
      { call: 'start', mode: 'fail-after' },
      { call: 'destroy', mode: 'fail', message: 'power is off' },
    ])
    expect((await faultOf(resize, grow, context)).message).toContain('cannot undo start')
    expect(await running()).toEqual(['host-b'])
    await cloud.misbehave('host-b', [])
    await cloud.process(2).flows.adopt({ handedOver: true })
    expect(await running()).toEqual(['host-a'])
  })
})

describe('the plan', () => {
  // A plan moves no disks, so it cannot know how long the file is that the fake keeps of them.
  const commandsOf = (events: Cloud['context']['events']) =>
    events
      .flatMap((event) => (event.type === 'step' && event.status === 'done' ? [event.step, ...(event.commands ?? [])] : []))
      .map((line) => line.replace(/\d+ bytes/, 'some bytes'))
  const cases = [
    { verb: 'resize', action: resize, input: grow, before: [] },
    { verb: 'migrate', action: migrate, input: { server: 'web-1' }, before: [] },
    { verb: 'confirm', action: confirm, input: all, before: [resize] },
    { verb: 'revert', action: revert, input: all, before: [resize] },
  ]
  it.each(cases)('of $verb names the very commands that it then runs, and changes nothing', async ({ action, input, before }) => {
    const { cloud, context, server, findings } = await aServerToMove()
    for (const first of before) await performed(first, grow, context)
    const record = await server()
    const planned = await cloud.planning()
    const start = planned.events.length
    await performed(action, input, planned)
    const plan = commandsOf(planned.events.slice(start))
    expect(await server()).toEqual(record)
    expect(await findings()).toEqual([])
    const next = context.events.length
    await performed(action, input, context)
    expect(commandsOf(context.events.slice(next))).toEqual(plan)
    expect(plan.some((line) => line.startsWith('mv ') || line.startsWith('rm '))).toBe(true)
  })
})

describe('a revert within one host', () => {
  it.each(['fail', 'fail-after'] as const)('whose first step ends with %s can only be finished', async (mode) => {
    const { cloud, context, server, running, findings } = await aServerToMove(['host-a'])
    await performed(resize, grow, withSettings(context, { allowResizeToSameHost: true }))
    await cloud.misbehave('host-a', [{ call: 'takeBack', mode }])
    await faultOf(revert, all, context)
    await cloud.misbehave('host-a', [])
    expect(await faultOf(confirm, all, context)).toMatchObject({ kind: 'conflict', hint: 'nova resize-revert web-1' })
    await performed(revert, all, context)
    expect(await server()).toMatchObject({ vmState: 'active', flavor: { name: 'm1.small' }, powerState: 'running' })
    expect(await running()).toEqual(['host-a'])
    expect(await findings()).toEqual([])
  })
})
