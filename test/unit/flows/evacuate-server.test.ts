import { describe, expect, it } from 'vitest'
import { run as doctor } from '../../../src/actions/doctor/run.ts'
import { evacuate as evacuateHost } from '../../../src/actions/host/evacuate.ts'
import { set } from '../../../src/actions/host/set.ts'
import { evacuate } from '../../../src/actions/server/evacuate.ts'
import { events } from '../../../src/actions/server/events.ts'
import { migrate } from '../../../src/actions/server/migrate.ts'
import { stop } from '../../../src/actions/server/stop.ts'
import type { Finding } from '../../../src/model/finding.ts'
import { guestsOn } from '../../support/a-cloud.ts'
import { faultOf, performed, recordsOf, type TestContext } from '../../support/a-context.ts'
import { aFullHost, command } from '../../support/full-host.ts'
import { aServerToMove } from '../../support/moved-server.ts'
import { passed } from '../../support/turns.ts'

const evidence = { iCheckedItIsOff: 'alice: PDU port 4 is off' }
const gone = { server: 'web-1', ...evidence }

/** web-1 was on host-a, and host-a is dead. */
async function aDeadHost(names?: readonly string[]) {
  const world = await aServerToMove(names)
  world.cloud.silent.add('host-a')
  return world
}

describe('an evacuation', () => {
  it('makes the same server anew on another host, with its config drive and without touching the old one', async () => {
    const { cloud, context, server, running, entries, findings } = await aDeadHost()
    const { id } = await server()
    await performed(evacuate, gone, context)
    expect(await server()).toMatchObject({ id, host: 'host-b', vmState: 'active', powerState: 'running', taskState: null })
    expect(await running()).toEqual(['host-a', 'host-b'])
    expect(await entries('host-a')).toEqual([id])
    const guest = JSON.parse(String(await cloud.hosts.get('host-b')?.readFile(`/instances/${id}/guest.json`)))
    expect(guest).toMatchObject({ configDrive: true, spec: { id, ram: 2048 } })
    expect(await findings()).toEqual([])
  })

  it('closes the dead host, so that nothing is placed beside its stale copies when it returns', async () => {
    const { context } = await aDeadHost()
    await performed(evacuate, gone, context)
    const [hostA] = await recordsOf(context.store, 'hosts')
    expect(hostA).toMatchObject({ name: 'host-a', enabled: false, disabledReason: 'evacuated: alice: PDU port 4 is off' })
  })

  it('keeps who checked the host among the events', async () => {
    const { context } = await aDeadHost()
    await performed(evacuate, gone, context)
    const [event] = (await performed(events, { server: 'web-1' }, context)) as {
      action: string
      steps: { commands: string[] }[]
    }[]
    expect(event?.action).toBe('evacuate')
    expect(event?.steps[0]?.commands).toEqual([
      '# host-a does not answer: host host-a does not answer',
      '# checked to be off: alice: PDU port 4 is off',
    ])
  })

  it('leaves a stopped server stopped', async () => {
    const { cloud, context, server, findings } = await aServerToMove()
    await performed(stop, { servers: ['web-1'] }, context)
    cloud.silent.add('host-a')
    await performed(evacuate, gone, context)
    expect(await server()).toMatchObject({ host: 'host-b', vmState: 'stopped', powerState: 'shutdown' })
    expect(await findings()).toEqual([])
  })

  it.each([{}, { iCheckedItIsOff: '' }, { iCheckedItIsOff: ' \t' }])(
    'is refused without a word on who looked: %j',
    async (said) => {
      const { context, server } = await aDeadHost()
      for (const [action, what] of [
        [evacuate, { server: 'web-1' }],
        [evacuateHost, { host: 'host-a' }],
      ] as const)
        expect(await faultOf(action, { ...what, ...said }, context)).toMatchObject({ kind: 'invalid' })
      expect(await server()).toMatchObject({ host: 'host-a', taskState: null })
    },
  )

  it('is refused while the host answers, be it with an error', async () => {
    const { cloud, context, server } = await aServerToMove()
    expect(await faultOf(evacuate, gone, context)).toMatchObject({
      kind: 'conflict',
      message: 'host host-a answers, and lists 1 guests; only a host that is off can be evacuated',
    })
    await cloud.misbehave('host-a', [{ call: '*', mode: 'fail', message: 'disk full' }])
    expect((await faultOf(evacuate, gone, context)).message).toContain('answers, with an error: disk full')
    expect(await server()).toMatchObject({ host: 'host-a', vmState: 'active', taskState: null })
  })

  it('needs the evidence', async () => {
    const { context } = await aDeadHost()
    expect((await faultOf(evacuate, { server: 'web-1' }, context)).message).toBe('iCheckedItIsOff is missing')
  })

  it('passes the filters, also with a named host', async () => {
    const { context, server } = await aDeadHost(['host-a', 'host-b', 'host-c'])
    await performed(set, { host: 'host-b', disable: true, reason: 'bad fan' }, context)
    const refusal = await faultOf(evacuate, { ...gone, host: 'host-b' }, context)
    expect(refusal).toMatchObject({ kind: 'no-valid-host', message: expect.stringContaining('ComputeFilter') })
    expect(await server()).toMatchObject({ host: 'host-a', taskState: null })
    await performed(evacuate, gone, context)
    expect(await server()).toMatchObject({ host: 'host-c' })
  })

  it('is refused while a move is open', async () => {
    const { cloud, context } = await aServerToMove()
    await performed(migrate, { server: 'web-1' }, context)
    cloud.silent.add('host-b')
    const { message } = await faultOf(evacuate, gone, context)
    expect(message).toContain('VERIFY_RESIZE')
  })

  it('starts nothing when the host comes back before the start', async () => {
    const { cloud, server, running, entries, findings } = await aDeadHost()
    let openGate = () => {}
    const gate = new Promise<void>((resolve) => {
      openGate = resolve
    })
    const slow = cloud.process(7, { paused: { method: 'createConfigDrive', gate } })
    const start = slow.events.length
    const ending = faultOf(evacuate, gone, slow)
    await passed(() =>
      slow.events.slice(start).some((event) => event.type === 'step' && event.step === 'disks' && event.status === 'done'),
    )
    cloud.silent.delete('host-a')
    openGate()
    expect((await ending).message).toContain('answers')
    expect(await server()).toMatchObject({ host: 'host-a', vmState: 'active', taskState: null })
    expect(await running()).toEqual(['host-a'])
    expect(await entries('host-b')).toEqual([])
    expect(await findings()).toEqual([])
  })
})

/** What the doctor says of servers and hosts: the image store of these tests holds no files. */
const diagnosed = async (context: TestContext, input: object = {}) =>
  ((await performed(doctor, input, context)) as Finding[]).filter(({ code }) => code !== 'NVD011')

describe('the host that comes back', () => {
  it('loses the stale copy to the doctor, and only that one', async () => {
    const { cloud, context, running, findings } = await aDeadHost()
    await performed(evacuate, gone, context)
    cloud.silent.clear()
    const repair = 'destroy the copy that an evacuation left on host-a'
    expect(await diagnosed(context)).toMatchObject([{ code: 'NVD005', repair, fixed: false }])
    expect(await running()).toEqual(['host-a', 'host-b'])
    expect(await diagnosed(context, { fix: true })).toMatchObject([{ code: 'NVD005', fixed: true }])
    expect(await running()).toEqual(['host-b'])
    expect(await diagnosed(context)).toEqual([])
    expect(await findings()).toEqual([])
  })

  it('keeps its copy while the recorded host does not answer, and the record stays', async () => {
    const { cloud, context, server, entries } = await aDeadHost()
    await performed(evacuate, gone, context)
    cloud.silent.clear()
    cloud.silent.add('host-b')
    const found = await diagnosed(context, { fix: true })
    expect(found.map(({ code, fixed }) => [code, fixed])).toEqual([
      ['NVD004', false],
      ['NVD009', false],
    ])
    expect(await server()).toMatchObject({ host: 'host-b' })
    expect(await entries('host-a')).toHaveLength(1)
  })
})

describe('the evacuation of a host', () => {
  it('makes every server elsewhere, names those that it cannot, and disables the host', async () => {
    const cloud = await aFullHost(['web-1', 'web-2', 'web-3'])
    await command(migrate, { server: 'web-3', host: 'host-b' }, cloud.context)
    cloud.silent.add('host-a')
    const rows = await command(evacuateHost, { host: 'host-a', ...evidence }, cloud.context)
    expect(rows).toMatchObject([
      { server: 'web-1', result: 'moved', from: 'host-a', to: expect.stringMatching(/^host-[bc]$/) },
      { server: 'web-2', result: 'moved' },
    ])
    const [hostA] = await recordsOf(cloud.context.store, 'hosts')
    expect(hostA).toMatchObject({ enabled: false, disabledReason: 'evacuated: alice: PDU port 4 is off' })
    expect(await command(evacuateHost, { host: 'host-a', ...evidence }, cloud.context)).toEqual([])
  })

  it('never begins while the host answers', async () => {
    const cloud = await aFullHost(['web-1'])
    const { message } = await faultOf(evacuateHost, { host: 'host-a', ...evidence }, cloud.context)
    expect(message).toContain('host host-a answers')
    expect(await recordsOf(cloud.context.store, 'hosts')).toContainEqual(
      expect.objectContaining({ name: 'host-a', enabled: true }),
    )
  })

  it('in a plan shows where and how, and changes nothing', async () => {
    const cloud = await aFullHost(['web-1'])
    cloud.silent.add('host-a')
    const planned = await cloud.planning()
    const start = planned.events.length
    await command(evacuateHost, { host: 'host-a', ...evidence }, planned)
    const steps = planned.events
      .slice(start)
      .flatMap((event) => (event.type === 'step' && event.status === 'done' ? [event.step] : []))
    expect(steps[0]).toMatch(/^web-1 to host-[bc]$/)
    expect(steps).toContain('spawn')
    expect((await guestsOn(cloud.hosts.get('host-b'))).concat(await guestsOn(cloud.hosts.get('host-c')))).toEqual([])
    expect(await recordsOf(cloud.context.store, 'servers')).toMatchObject([{ host: 'host-a', taskState: null }])
  })
})
