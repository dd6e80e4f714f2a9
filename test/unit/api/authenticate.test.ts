/** S27: whose token it is and whether it is in force, whatever the clock of this machine does. */
import { describe, expect, it } from 'vitest'
import { create } from '../../../src/actions/token/create.ts'
import { authenticator } from '../../../src/api/authenticate.ts'
import type { Clock } from '../../../src/core/ports.ts'
import { aContext, performed } from '../../support/a-context.ts'

const day = 24 * 3600 * 1000

/** A wall clock that a person can set, and durations that nobody can. */
function settableClock(start: number) {
  let [wall, monotonic] = [start, 0]
  const clock: Clock = {
    wall: () => wall,
    monotonic: () => monotonic,
    sleep: async () => undefined,
    deadline: () => new AbortController().signal,
  }
  return {
    clock,
    set: (time: number) => {
      wall = time
    },
    pass: (ms: number) => {
      wall += ms
      monotonic += ms
    },
  }
}

/** A token of 30 days, and doors that are opened over its store at any time. */
async function aToken() {
  const context = aContext()
  const made = await performed(create, { name: 'ci', user: 'ann', in: 'p1', roles: ['member'], days: 30 }, context)
  const start = context.clock.wall()
  const time = settableClock(start)
  const open = () => authenticator({ store: context.store, clock: time.clock, failuresPerMinute: () => 100 })
  const bearer = `Bearer ${String(Reflect.get(Object(made), 'token'))}`
  const commit = async () => {
    context.clock.advance(time.clock.wall() - context.clock.wall())
    await context.store.transaction({ actor: 'a', request: 'r', action: 'x' }, async (tx) => {
      await tx.insert('quotas', { id: `p-${time.clock.wall()}`, limits: [] })
    })
  }
  return { time, open, bearer, start, commit }
}

describe('S27 a token whose time has passed', () => {
  const expired = { kind: 'unauthenticated', message: expect.stringContaining('expired at 2026-01-31') }

  it('is refused from that moment on', async () => {
    const { time, open, bearer } = await aToken()
    const door = open()
    time.pass(30 * day - 1)
    expect(await door.whoIs(bearer, 'a')).toEqual({ userId: 'ann', projectId: 'p1', roles: ['member'] })
    time.pass(1)
    await expect(door.whoIs(bearer, 'a')).rejects.toMatchObject(expired)
  })

  it('stays refused when the clock is set back', async () => {
    const { time, open, bearer, start } = await aToken()
    const door = open()
    time.pass(31 * day)
    await expect(door.whoIs(bearer, 'a')).rejects.toMatchObject(expired)
    for (const back of [1000, 3_600_000, 10 * day, 31 * day, 3650 * day]) {
      time.set(start + 31 * day - back)
      await expect(door.whoIs(bearer, 'a')).rejects.toMatchObject(expired)
    }
  })

  it('expires on time with a clock that was set back before, or stands still', async () => {
    const { time, open, bearer, start } = await aToken()
    const door = open()
    time.set(start - 100 * day)
    time.pass(29 * day)
    expect(await door.whoIs(bearer, 'a')).toMatchObject({ userId: 'ann' })
    time.pass(2 * day)
    await expect(door.whoIs(bearer, 'a')).rejects.toMatchObject(expired)
  })

  it('stays refused by a daemon that starts after the clock was set back: the records know better', async () => {
    const { time, open, bearer, start, commit } = await aToken()
    time.pass(31 * day)
    await commit()
    time.set(start)
    await expect(open().whoIs(bearer, 'a')).rejects.toMatchObject(expired)
  })

  it('is refused by a clock that runs ahead: it fails closed', async () => {
    const { time, open, bearer, start } = await aToken()
    time.set(start + 10 * 365 * day)
    await expect(open().whoIs(bearer, 'a')).rejects.toMatchObject(expired)
  })
})
