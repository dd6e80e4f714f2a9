/** Rate limits of users and projects: so many calls at once, then at a steady pace. */
import { describe, expect, it } from 'vitest'
import type { Who } from '../../../src/api/peer.ts'
import { rates } from '../../../src/api/rates.ts'

const ann: Who = { userId: 'ann', projectId: 'web', roles: ['member'] }
const bob: Who = { userId: 'bob', projectId: 'web', roles: ['reader'] }
const cleo: Who = { userId: 'cleo', projectId: 'ops', roles: ['member'] }
const root: Who = { userId: 'root', projectId: 'web', roles: ['admin'] }

function limited(user: number, project: number) {
  let now = 0
  const limits = { user, project }
  const gate = rates({ clock: { monotonic: () => now }, perMinute: () => limits })
  const takes = (who: Who, count: number) => {
    let taken = 0
    try {
      for (; taken < count; taken++) gate.take(who)
    } catch {
      // The count says it.
    }
    return taken
  }
  const pass = (ms: number) => {
    now += ms
  }
  return { gate, limits, takes, pass }
}

describe('a rate limit', () => {
  it('lets a minute’s calls through at once, and then one at a time', () => {
    const { takes, pass } = limited(60, 0)
    expect(takes(ann, 100)).toBe(60)
    pass(999)
    expect(takes(ann, 1)).toBe(0)
    pass(1)
    expect(takes(ann, 2)).toBe(1)
    pass(3600_000)
    expect(takes(ann, 100)).toBe(60)
  })

  it('says who had too many, and when to come again', () => {
    const { gate, takes } = limited(2, 0)
    takes(ann, 2)
    expect(() => gate.take(ann)).toThrow(
      expect.objectContaining({
        kind: 'over-quota',
        message: 'user ann may make 2 calls a minute',
        details: { retryAfterSeconds: 30 },
      }),
    )
    expect(gate.limited).toBe(1)
  })

  it('of a user leaves the others of the project alone', () => {
    const { takes } = limited(5, 0)
    expect(takes(ann, 10)).toBe(5)
    expect(takes(bob, 10)).toBe(5)
  })

  it('of a project counts all its users together, and no other project', () => {
    const { takes } = limited(0, 6)
    expect(takes(ann, 4)).toBe(4)
    expect(takes(bob, 10)).toBe(2)
    expect(takes(cleo, 10)).toBe(6)
  })

  it('takes nothing from the user for a call that the project was refused', () => {
    const { takes, limits } = limited(10, 3)
    expect(takes(ann, 9)).toBe(3)
    limits.project = 0
    expect(takes(ann, 20)).toBe(7)
  })

  it('does not count administrators, and nobody without a setting', () => {
    expect(limited(1, 1).takes(root, 1000)).toBe(1000)
    expect(limited(0, 0).takes(ann, 1000)).toBe(1000)
  })

  it('follows the settings', () => {
    const { takes, limits } = limited(10, 0)
    expect(takes(ann, 1)).toBe(1)
    limits.user = 2
    expect(takes(ann, 10)).toBe(2)
  })

  it('keeps no more buckets than it needs', () => {
    const { takes } = limited(1, 0)
    expect(takes(ann, 1)).toBe(1)
    for (let index = 0; index < 10_000; index++) takes({ ...bob, userId: `user-${index}` }, 1)
    expect(takes({ ...bob, userId: 'user-9999' }, 1)).toBe(0)
    expect(takes(ann, 1)).toBe(1)
  })
})
