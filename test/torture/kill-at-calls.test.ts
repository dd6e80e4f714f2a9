import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TortureState, tortureState } from '../support/torture-state.ts'
import { anotherBoot, killBoots, killDeletes, killedRecovery } from './kill-at-calls.ts'

let world: TortureState
beforeEach(async () => {
  world = await tortureState()
})
afterEach(() => world.cleanup())

/** Runs differ by a call or two. A suite in which hardly anything died proves nothing. */
const most = (points: number) => Math.floor(points * 0.75)

describe('kill -9 at system calls', () => {
  it('of a boot: the next command finishes or unwinds it', async () => {
    const { points, killed } = await killBoots(world, { count: 12 })
    expect(points).toBe(12)
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it('of a boot: another boot adopts it first', async () => {
    const { points, killed } = await killBoots(world, { count: 6, recover: anotherBoot })
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it('of a boot that writes its user data: no secret outlives it', async () => {
    const { points, killed } = await killBoots(world, { only: (point) => point.path.includes('/vault') })
    expect(points).toBeGreaterThanOrEqual(3)
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it('of a delete: the next command finishes it', async () => {
    const { points, killed } = await killDeletes(world, { count: 6 })
    expect(killed).toBeGreaterThanOrEqual(most(points))
  })

  it('of a boot, and of the process that recovers it, three deep', async () => {
    const recover = killedRecovery(3, (round) => ({ call: 'fdatasync', nth: 1 + (round % 2) }))
    const { points, killed, killedAgain } = await killBoots(world, { count: 4, recover })
    expect(killed).toBeGreaterThanOrEqual(most(points))
    expect(killedAgain).toBeGreaterThanOrEqual(4)
  })
})
