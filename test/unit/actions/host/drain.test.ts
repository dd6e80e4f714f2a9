import { describe, expect, it } from 'vitest'
import { drain } from '../../../../src/actions/host/drain.ts'
import { set } from '../../../../src/actions/host/set.ts'
import { undrain } from '../../../../src/actions/host/undrain.ts'
import { lock } from '../../../../src/actions/server/lock.ts'
import { migrate } from '../../../../src/actions/server/migrate.ts'
import type { MoveRow } from '../../../../src/actions/server/move-each.ts'
import { pause } from '../../../../src/actions/server/pause.ts'
import { stop } from '../../../../src/actions/server/stop.ts'
import type { Cloud } from '../../../support/a-cloud.ts'
import { faultOf, recordsOf, type TestContext } from '../../../support/a-context.ts'
import { findingsOf } from '../../../support/broken-steps.ts'
import { aFullHost, command, withoutLive } from '../../../support/full-host.ts'
import { passed } from '../../../support/turns.ts'

const host = { host: 'host-a' }

const drained = async (context: TestContext, input: object = host) => (await command(drain, input, context)) as MoveRow[]
const short = (rows: readonly MoveRow[]) => rows.map(({ server, result, reason }) => [server, result, reason])
const cannot = expect.stringContaining('moves no running servers')
const movesOf = async ({ context }: Cloud) =>
  (await recordsOf(context.store, 'migrations')).map(({ type, status }) => `${type} ${status}`).sort()
const hostA = async ({ context }: Cloud) => (await recordsOf(context.store, 'hosts')).find(({ name }) => name === 'host-a')
const places = async ({ context }: Cloud) =>
  (await recordsOf(context.store, 'servers')).map(({ name, host, vmState }) => [name, host === 'host-a', vmState])

describe('a drain', () => {
  it('moves running servers live and stopped ones confirmed, and leaves the host empty and disabled', async () => {
    const cloud = await aFullHost(['web-1', 'web-2', 'web-3'])
    await command(stop, { servers: ['web-2'] }, cloud.context)
    const rows = await drained(cloud.context, { ...host, reason: 'new memory' })
    expect(short(rows)).toEqual([
      ['web-1', 'moved', null],
      ['web-2', 'moved', null],
      ['web-3', 'moved', null],
    ])
    expect(await places(cloud)).toEqual([
      ['web-1', false, 'active'],
      ['web-2', false, 'stopped'],
      ['web-3', false, 'active'],
    ])
    expect(await cloud.hosts.get('host-a')?.readdir('/instances')).not.toContainEqual(expect.stringMatching(/^[0-9a-f-]{36}/))
    expect(await hostA(cloud)).toMatchObject({ enabled: false, disabledReason: 'draining: new memory' })
    expect(rows.map(({ how }) => how)).toEqual(['live', 'cold', 'live'])
    expect(await movesOf(cloud)).toEqual(['cold confirmed', 'live completed', 'live completed'])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('shuts a running server down for its move where it cannot move live, and says why', async () => {
    const cloud = await aFullHost(['paused', 'web-1'])
    await command(pause, { servers: ['paused'] }, cloud.context)
    expect(await drained(withoutLive(cloud.context))).toMatchObject([
      { server: 'paused', result: 'left', how: null, reason: cannot },
      { server: 'web-1', result: 'moved', how: 'cold', reason: cannot },
    ])
    expect(await movesOf(cloud)).toEqual(['cold confirmed'])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('leaves what is locked or moved by a person, says why, and moves the rest', async () => {
    const cloud = await aFullHost(['free', 'locked', 'paused', 'waiting'])
    await command(lock, { server: 'locked', reason: 'audit' }, cloud.context)
    await command(pause, { servers: ['paused'] }, cloud.context)
    await command(migrate, { server: 'waiting', host: 'host-b' }, cloud.context)
    const rows = await drained(cloud.context)
    expect(short(rows)).toEqual([
      ['free', 'moved', null],
      ['locked', 'left', expect.stringContaining('locked by its owner: audit')],
      ['paused', 'moved', null],
      ['waiting', 'left', expect.stringContaining('VERIFY_RESIZE')],
    ])
    expect(await findingsOf(cloud)).toEqual([])
  })

  it("gives the scheduler's reason for a server that no host takes", async () => {
    const cloud = await aFullHost(['web-1'])
    for (const name of ['host-b', 'host-c']) await command(set, { host: name, disable: true, reason: 'broken' }, cloud.context)
    const [row] = await drained(cloud.context)
    expect(row).toMatchObject({ result: 'left', to: null, reason: expect.stringContaining('ComputeFilter refused 2 of 2 hosts') })
    await command(set, { host: 'host-c', enable: true }, cloud.context)
    expect(await drained(cloud.context)).toMatchObject([{ result: 'moved', to: 'host-c' }])
  })

  it('goes on where a host failed, and the server runs where it was', async () => {
    const cloud = await aFullHost(['web-1', 'web-2'])
    await command(stop, { servers: ['web-2'] }, cloud.context)
    for (const name of ['host-b', 'host-c'])
      await cloud.misbehave(name, [
        { call: 'adopt', mode: 'fail', message: 'no adopt today' },
        { call: 'makeRoom', mode: 'fail', message: 'no room today' },
      ])
    expect(short(await drained(cloud.context))).toEqual([
      ['web-1', 'left', 'no room today'],
      ['web-2', 'left', 'no adopt today'],
    ])
    expect(await findingsOf(cloud)).toEqual([])
    for (const name of ['host-b', 'host-c']) await cloud.misbehave(name, [])
    expect(short(await drained(cloud.context))).toEqual([
      ['web-1', 'moved', null],
      ['web-2', 'moved', null],
    ])
  })

  it('confirms on its next run what it moved and could not confirm', async () => {
    const cloud = await aFullHost(['web-1'])
    await command(stop, { servers: ['web-1'] }, cloud.context)
    await cloud.misbehave('host-a', [{ call: 'dropAside', mode: 'fail', message: 'disk is slow' }])
    expect(await drained(cloud.context)).toMatchObject([{ result: 'left', to: expect.any(String), reason: 'disk is slow' }])
    await cloud.misbehave('host-a', [])
    expect(await drained(cloud.process(2))).toMatchObject([{ result: 'moved' }])
    expect((await recordsOf(cloud.context.store, 'servers'))[0]).toMatchObject({ vmState: 'stopped' })
    expect(await findingsOf(cloud)).toEqual([])
  })

  it('goes on after the death of its process, whenever that was', async () => {
    for (let effects = 1; ; effects += 3) {
      const cloud = await aFullHost(['web-1', 'web-2'])
      await command(stop, { servers: ['web-2'] }, cloud.context)
      const mortal = { effects }
      let isDone = false
      void command(drain, host, cloud.process(7, { mortal })).then(() => {
        isDone = true
      })
      await passed(() => isDone || mortal.effects < 0)
      if (isDone) return
      cloud.dead.add(7)
      const next = cloud.process(8)
      await next.flows.adopt()
      await drained(next)
      expect(await places(cloud), `after ${effects} effects`).toEqual([
        ['web-1', false, 'active'],
        ['web-2', false, 'stopped'],
      ])
      expect(await findingsOf(cloud), `after ${effects} effects`).toEqual([])
    }
  })

  it('in a plan names the destinations and the commands, and changes nothing', async () => {
    const cloud = await aFullHost(['web-1', 'web-2', 'web-3'])
    await command(lock, { server: 'web-2' }, cloud.context)
    await command(stop, { servers: ['web-3'] }, cloud.context)
    const before = await recordsOf(cloud.context.store, 'servers')
    const planned = await cloud.planning()
    const start = planned.events.length
    await drained(planned)
    const steps = planned.events
      .slice(start)
      .flatMap((event) => (event.type === 'step' && event.status === 'done' ? [event] : []))
    expect(steps.filter(({ flow }) => flow === 'drain host-a').map(({ step }) => step)).toEqual([
      expect.stringMatching(/^web-1 to host-[bc] \(live\)$/),
      expect.stringMatching(/^web-2 cannot move: .*locked/),
      expect.stringMatching(/^web-3 to host-[bc] \(cold\)$/),
    ])
    expect(steps.flatMap(({ commands = [] }) => commands).some((line) => line.startsWith('mv '))).toBe(true)
    expect(steps.map(({ flow }) => flow)).toEqual(expect.arrayContaining(['live-migrate web-1', 'confirm web-3']))
    expect(await recordsOf(cloud.context.store, 'servers')).toEqual(before)
    expect(await hostA(cloud)).toMatchObject({ enabled: true })
  })
})

describe('undrain', () => {
  it('lets the host take servers again, as often as it is asked', async () => {
    const cloud = await aFullHost([])
    await drained(cloud.context)
    for (const _ of [1, 2]) expect(await command(undrain, host, cloud.context)).toMatchObject({ status: 'enabled' })
    expect(await hostA(cloud)).toMatchObject({ enabled: true, disabledReason: null })
  })

  it('does not enable what somebody disabled for another reason', async () => {
    const cloud = await aFullHost(['web-1'])
    await command(set, { ...host, disable: true, reason: 'bad fan' }, cloud.context)
    expect(short(await drained(cloud.context))).toEqual([['web-1', 'moved', null]])
    expect((await faultOf(undrain, host, cloud.context)).message).toContain('not by a drain: bad fan')
    expect(await hostA(cloud)).toMatchObject({ enabled: false, disabledReason: 'bad fan' })
  })
})
