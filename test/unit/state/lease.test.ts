import { describe, expect, it } from 'vitest'
import { leadership } from '../../../src/state/lease.ts'
import { MemoryStore } from '../../../src/state/memory.ts'
import type { Store } from '../../../src/state/store.ts'
import { systemClock } from '../../../src/system/clock.ts'
import { eventually } from '../../support/eventually.ts'

const leaseMs = 90

class SharedStore extends MemoryStore {
  now = async () => Date.now()
}

describe('leadership', () => {
  it('is held by one of two, and goes over when the leader stops', async () => {
    const store: Store = new MemoryStore(systemClock)
    const options = { store, clock: systemClock, task: 'periodic', leaseMs }
    const one = leadership({ ...options, holder: 'one' })
    await eventually('one leads', async () => one.isLeader())
    const two = leadership({ ...options, holder: 'two' })
    expect(two.isLeader()).toBe(false)
    await one.stop()
    expect(one.isLeader()).toBe(false)
    await eventually('two leads', async () => two.isLeader())
    await two.stop()
  })

  it('is judged by the clock of the store, not by those of the processes', async () => {
    // The processes' own clocks differ from it by five minutes either way.
    const shared: Store = new SharedStore(systemClock)
    const skewed = (ms: number) => ({ ...systemClock, wall: () => Date.now() + ms })
    const late = leadership({ store: shared, clock: skewed(-300_000), task: 'periodic', leaseMs, holder: 'late' })
    await eventually('late leads', async () => late.isLeader())
    const early = leadership({ store: shared, clock: skewed(300_000), task: 'periodic', leaseMs, holder: 'early' })
    for (const end = performance.now() + 2 * leaseMs; performance.now() < end; ) {
      expect(early.isLeader()).toBe(false)
      await systemClock.sleep(5)
    }
    expect(late.isLeader()).toBe(true)
    await Promise.all([late.stop(), early.stop()])
  })
})
