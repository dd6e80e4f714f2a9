import { describe, expect, it } from 'vitest'
import { list } from '../../../../src/actions/usage/list.ts'
import { show } from '../../../../src/actions/usage/show.ts'
import { aContext, faultOf, given, mallory, performed, seenBy } from '../../../support/a-context.ts'
import { aServer } from '../../../support/a-server.ts'

const flavor = { ...aServer().flavor, vcpus: 2, ram: 1000, disk: 10, ephemeral: 5 }
const day = (n: number, hour = 0) => new Date(Date.UTC(2025, 11, n, hour)).toISOString()

/** Now is 2026-01-01. Project p1: one server for 12 hours on the 10th, one since the 31st, one that never ran. */
async function world() {
  const context = aContext()
  await given(
    context,
    'servers',
    aServer({ flavor, launchedAt: day(10), deleted: true, deletedAt: day(10, 12) }),
    aServer({ id: 's2', flavor, launchedAt: day(31) }),
    aServer({ id: 's3', flavor, launchedAt: null, vmState: 'error' }),
    aServer({ id: 's4', flavor, projectId: 'p2', launchedAt: day(30) }),
  )
  return context
}

describe('usage', () => {
  it('adds up hours of the last four weeks, deleted servers too', async () => {
    expect(await performed(show, {}, await world())).toEqual({
      projectId: 'p1',
      start: '2025-12-04T00:00:00.000Z',
      end: '2026-01-01T00:00:00.000Z',
      servers: 2,
      hours: 36,
      vcpuHours: 72,
      memoryMbHours: 36_000,
      diskGbHours: 36 * 15,
    })
  })

  it('counts only what lies within the period', async () => {
    const period = { start: '2025-12-10T06:00:00Z', end: '2025-12-11' }
    expect(await performed(show, period, await world())).toMatchObject({ servers: 1, hours: 6, vcpuHours: 12 })
    expect(await performed(show, { start: '2020-01-01', end: '2020-02-01' }, await world())).toMatchObject({
      servers: 0,
      hours: 0,
    })
  })

  it('is listed by project', async () => {
    expect(await performed(list, {}, await world())).toMatchObject([
      { projectId: 'p1', hours: 36 },
      { projectId: 'p2', hours: 48 },
    ])
  })

  it.each([
    [{ start: 'yesterday' }, 'start "yesterday" is not a date'],
    [{ end: '2025-13-45' }, 'end "2025-13-45" is not a date'],
    [{ start: '2026-01-02' }, 'is after end'],
    [{ start: 'x'.repeat(65) }, 'the limit is 64'],
  ])('refuses %j', async (input, message) => {
    const fault = await faultOf(show, input, await world())
    expect(fault.kind).toBe('invalid')
    expect(fault.message).toContain(message)
  })

  it('is closed to other projects', async () => {
    const other = seenBy(await world(), mallory)
    expect(await faultOf(show, { project: 'p1' }, other)).toMatchObject({ kind: 'forbidden' })
    expect(await faultOf(list, {}, other)).toMatchObject({ kind: 'forbidden' })
    expect(await performed(show, {}, other)).toMatchObject({ projectId: 'p2', hours: 48 })
  })
})
