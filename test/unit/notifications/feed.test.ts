import { beforeEach, describe, expect, it } from 'vitest'
import { list } from '../../../src/actions/event/list.ts'
import { stop } from '../../../src/actions/server/stop.ts'
import type { Notification } from '../../../src/model/notification.ts'
import { eventFeed, type PageQuery } from '../../../src/notifications/feed.ts'
import { mayCallerSee, typeMatcher } from '../../../src/notifications/matching.ts'
import { positionOf } from '../../../src/notifications/position.ts'
import { aCloud, type Cloud } from '../../support/a-cloud.ts'
import { faultOf, mallory, performed, seenBy } from '../../support/a-context.ts'
import { boot } from '../../support/every-flow.ts'
import { toldBy } from '../../support/told.ts'

interface Listed {
  readonly events: Notification[]
  readonly next: string
}

let cloud: Cloud
beforeEach(async () => {
  cloud = await aCloud()
  await performed(...boot, cloud.context)
})
const listed = async (input: object, context = cloud.context) => (await performed(list, input, context)) as Listed

describe('event.list', () => {
  it.each([false, true])('gives every notification once, however small the pages (follow %s)', async (follow) => {
    const everything = await toldBy(cloud.context.store)
    const seen: Notification[] = []
    for (let since = '0'; seen.length < everything.length; ) {
      const page = await listed({ since, limit: 3, follow })
      expect(page.events.length).toBeLessThanOrEqual(3)
      seen.push(...page.events)
      since = page.next
    }
    expect(seen).toEqual(everything)
  })

  it('ends where there is nothing more, and goes on from there', async () => {
    const { next } = await listed({ since: '0', limit: 10_000 })
    expect((await listed({ since: next })).events).toEqual([])
    await performed(stop, { servers: ['web-1'] }, cloud.context)
    const types = (await listed({ since: next })).events.map(({ event_type }) => event_type)
    expect(types.filter((type) => type.includes('power_off'))).toEqual([
      'compute.instance.power_off.start',
      'compute.instance.power_off.end',
    ])
  })

  it('waits for what happens', async () => {
    const { next } = await listed({ since: '0', limit: 10_000 })
    const waiting = listed({ since: next, follow: true })
    await performed(stop, { servers: ['web-1'] }, cloud.context)
    expect((await waiting).events[0]?.event_type).toBe('compute.instance.power_off.start')
  })

  it('takes a time, and says which revisions there are', async () => {
    cloud.context.clock.advance(60_000)
    await performed(stop, { servers: ['web-1'] }, cloud.context)
    const { events } = await listed({ since: '2026-01-01T00:00:30Z' })
    expect(events[0]?.event_type).toBe('compute.instance.power_off.start')
    const fault = await faultOf(list, { since: '99999' }, cloud.context)
    expect(fault).toMatchObject({ kind: 'not-found', message: expect.stringContaining('there is no revision 99999') })
    expect((await faultOf(list, { since: 'yesterday-ish' }, cloud.context)).kind).toBe('invalid')
  })

  it('shows a project what is its own', async () => {
    const own = await listed({ since: '0' }, seenBy(cloud.context, { userId: 'bob', projectId: 'p1', roles: ['reader'] }))
    expect(own.events.length).toBeGreaterThan(0)
    expect(own.events.every(({ payload }) => payload.tenant_id === 'p1')).toBe(true)
    expect((await listed({ since: '0' }, seenBy(cloud.context, mallory))).events).toEqual([])
  })

  it('finds a server by its name and its id', async () => {
    const byName = await listed({ since: '0', server: 'web-1' })
    const id = String(byName.events[0]?.payload.instance_id)
    expect(await listed({ since: '0', server: id })).toEqual(byName)
    expect((await listed({ since: '0', server: 'constructor' })).events).toEqual([])
  })
})

describe('a feed', () => {
  it('ends a wait when its caller goes', async () => {
    const { store, clock } = cloud.context
    const controller = new AbortController()
    const after = await positionOf(undefined, store)
    const feed = eventFeed(store, clock)
    const query: PageQuery = { after, limit: 10, follow: true, matches: () => false, signal: controller.signal }
    const page = feed.page(query)
    setImmediate(() => controller.abort())
    expect((await page).events).toEqual([])
  })
})

describe('patterns of types', () => {
  it.each([
    [undefined, 'x', true],
    ['a.b', 'a.b', true],
    ['a.b', 'a.bc', false],
    ['a.*', 'a.b.c', true],
    ['*.end', 'a.end', true],
    ['a*a', 'a', false],
    ['a.*.c.*.e', 'a.b.c.d.e', true],
    ['a.*.c.*.e', 'a.c.e', false],
    ['*', '', true],
    ['(a+)+$*', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', false],
    ['**', 'anything', true],
  ])('%s and %s: %s', (glob, type, isMatch) => expect(typeMatcher(glob)(type)).toBe(isMatch))

  it('key pairs are their owner’s', () => {
    const keypair = { payload: { user_id: 'bob' } } as unknown as Notification
    expect(mayCallerSee({ roles: ['member'], projectId: 'p1', userId: 'bob' })(keypair)).toBe(true)
    expect(mayCallerSee({ roles: ['member'], projectId: 'p1', userId: 'eve' })(keypair)).toBe(false)
  })
})
