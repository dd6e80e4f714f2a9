import { describe, expect, it } from 'vitest'
import { leadership } from '../../../src/state/lease.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import { virtualClock } from '../../support/virtual-clock.ts'

const leaseMs = 15_000

describe('leadership', () => {
  it('is held by one of two, and goes over when the leader stops', async () => {
    const clock = virtualClock()
    const options = { store: new MemoryStore(clock), clock, task: 'periodic', leaseMs }
    const one = leadership({ ...options, holder: 'one' })
    expect(await clock.pass(() => one.isLeader(), 0)).toBe(true)
    const two = leadership({ ...options, holder: 'two' })
    expect(await clock.pass(() => two.isLeader(), 4 * leaseMs)).toBe(false)
    await one.stop()
    expect(one.isLeader()).toBe(false)
    expect(await clock.pass(() => two.isLeader(), leaseMs)).toBe(true)
    await two.stop()
  })

  it('is judged by the clock of the store, not by those of the processes', async () => {
    const clock = virtualClock()
    const shared = Object.assign(new MemoryStore(clock), { now: async () => clock.wall() })
    // The processes' own clocks differ from it by five minutes either way.
    const skewed = (ms: number) => ({ ...clock, wall: () => clock.wall() + ms })
    const late = leadership({ store: shared, clock: skewed(-300_000), task: 'periodic', leaseMs, holder: 'late' })
    expect(await clock.pass(() => late.isLeader(), 0)).toBe(true)
    const early = leadership({ store: shared, clock: skewed(300_000), task: 'periodic', leaseMs, holder: 'early' })
    expect(await clock.pass(() => early.isLeader() || !late.isLeader(), 4 * leaseMs)).toBe(false)
    expect(late.isLeader()).toBe(true)
    await Promise.all([late.stop(), early.stop()])
  })
})
