import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TortureState, tortureState } from '../support/torture-state.ts'
import { killBoots, killDeletes, killedRecovery } from '../torture/kill-at-calls.ts'

let world: TortureState
beforeEach(async () => {
  world = await tortureState()
})
afterEach(() => world.cleanup())

const most = (points: number) => Math.floor(points * 0.85)

describe('kill -9 at every changing system call', () => {
  it('of a boot', async () => {
    const { points, killed } = await killBoots(world, {})
    expect(points).toBeGreaterThanOrEqual(30)
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it('of a delete', async () => {
    const { points, killed } = await killDeletes(world, {})
    expect(points).toBeGreaterThanOrEqual(10)
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it.each(['write', 'fdatasync', 'rename'])('of a boot, then at every %s of three processes that recover it', async (call) => {
    for (let nth = 1; nth <= 3; nth += 1) {
      const recover = killedRecovery(3, (round) => ({ call, nth: nth + round }))
      const { points, killed } = await killBoots(world, { count: 10, recover })
      expect(killed).toBeGreaterThanOrEqual(most(points) - 1)
    }
  })
})
