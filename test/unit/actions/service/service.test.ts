import { beforeEach, describe, expect, it } from 'vitest'
import { disable } from '../../../../src/actions/service/disable.ts'
import { enable } from '../../../../src/actions/service/enable.ts'
import { forceDown } from '../../../../src/actions/service/force-down.ts'
import { list } from '../../../../src/actions/service/list.ts'
import { Fault } from '../../../../src/core/fault.ts'
import type { Processes, ProcessIdentity } from '../../../../src/core/ports.ts'
import { attendanceOf } from '../../../../src/flows/attendance.ts'
import { livingOwners } from '../../../../src/flows/owners.ts'
import type { ServiceFacts } from '../../../../src/model/service.ts'
import { serviceReports } from '../../../../src/state/services.ts'
import { aContext } from '../../../support/a-context.ts'
import { aHost } from '../../../support/a-host.ts'

const elsewhere: ProcessIdentity = { pid: 7, startTime: '1', bootId: 'another machine' }
const here: ProcessIdentity = { pid: 8, startTime: '2', bootId: 'this machine' }
const processes: Processes = { self: () => here, isAlive: ({ pid }) => pid === here.pid }
const facts = (id: string, process: ProcessIdentity, hosts: string[] = []): ServiceFacts => ({
  ...{ id, process, hosts, version: '1', reportSeconds: 10 },
  roles: hosts.length > 0 ? ['compute'] : ['conductor'],
})

describe('services', () => {
  const downAfterMs = 60_000
  let context: ReturnType<typeof aContext>
  let clock: (typeof context)['clock']
  let reports: ReturnType<typeof serviceReports>
  beforeEach(() => {
    context = aContext()
    clock = context.clock
    reports = serviceReports({ store: context.store, clock, processes, downAfterMs })
  })
  const rows = () => list.run({}, context)

  it('are up while they report, and down after a minute of silence', async () => {
    await reports.report(facts('ctl1', elsewhere))
    expect(await rows()).toMatchObject([{ id: 'ctl1', binary: 'nova-conductor', host: 'ctl1', zone: 'internal', state: 'up' }])
    clock.advance(downAfterMs + 1)
    expect(await rows()).toMatchObject([{ state: 'down' }])
    await reports.report(facts('ctl1', elsewhere))
    expect(await rows()).toMatchObject([{ state: 'up' }])
  })

  it('are down at once when they end by themselves', async () => {
    await reports.report(facts('ctl1', elsewhere))
    await reports.end('ctl1', elsewhere)
    expect(await rows()).toMatchObject([{ state: 'down' }])
  })

  it('have one row for each host, in its zone', async () => {
    await reports.report(facts('rack1', elsewhere, ['kvm1', 'kvm2']))
    expect(await rows()).toMatchObject([
      { binary: 'nova-compute', host: 'kvm1', zone: 'nova' },
      { binary: 'nova-compute', host: 'kvm2', zone: 'nova' },
    ])
  })

  it('do not share a name while the first one lives', async () => {
    await reports.report(facts('ctl1', elsewhere))
    const other = { ...elsewhere, pid: 9 }
    await expect(reports.report(facts('ctl1', other))).rejects.toMatchObject({ kind: 'conflict' })
    clock.advance(downAfterMs + 1)
    await reports.report(facts('ctl1', other))
    expect(await rows()).toMatchObject([{ state: 'up' }])
  })

  it('keep what an operator said of them over a restart', async () => {
    await reports.report(facts('rack1', elsewhere, ['kvm1']))
    await disable.run({ service: 'rack1', reason: 'new memory' }, context)
    await reports.end('rack1', elsewhere)
    await reports.report(facts('rack1', { ...elsewhere, pid: 9 }, ['kvm1']))
    expect(await rows()).toMatchObject([{ status: 'disabled', disabledReason: 'new memory' }])
    expect(await enable.run({ service: 'rack1' }, context)).toMatchObject([{ status: 'enabled', disabledReason: null }])
  })

  it('that are not known are named with those that are', async () => {
    await reports.report(facts('rack1', elsewhere))
    await expect(enable.run({ service: '__proto__' }, context)).rejects.toThrow(Fault)
    await expect(enable.run({ service: 'rack2' }, context)).rejects.toMatchObject({ kind: 'not-found', hint: 'there are: rack1' })
  })

  it('own their flows on other machines while they report, and until they are declared dead', async () => {
    await reports.report(facts('ctl1', elsewhere))
    const owners = () => livingOwners({ store: context.store, clock, processes, settings: { downAfterMs } })
    expect((await owners())(elsewhere)).toBe(true)
    await forceDown.run({ service: 'ctl1', unset: false }, context)
    expect((await owners())(elsewhere)).toBe(false)
    await forceDown.run({ service: 'ctl1', unset: true }, context)
    expect((await owners())(elsewhere)).toBe(true)
    clock.advance(downAfterMs + 1)
    expect((await owners())(elsewhere)).toBe(false)
    expect((await owners())(here)).toBe(true)
    expect((await owners())({ ...here, pid: 9 })).toBe(false)
  })

  it('make their hosts ineligible when they are silent or disabled, judged by the newest report of all', async () => {
    await reports.report(facts('rack1', elsewhere, ['kvm1']))
    clock.advance(90_000)
    await reports.report(facts('ctl1', here))
    const attendance = async () => attendanceOf(await context.store.read((reader) => reader.list('services')))
    expect((await attendance())(aHost({ name: 'kvm1' }))).toEqual({ silentMs: 90_000 })
    expect((await attendance())(aHost({ name: 'kvm2' }))).toEqual({})
    await disable.run({ service: 'rack1', reason: 'new memory' }, context)
    expect((await attendance())(aHost({ name: 'kvm1' }))).toMatchObject({ record: { enabled: false } })
  })
})
