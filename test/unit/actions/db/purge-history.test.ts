import { beforeEach, describe, expect, it } from 'vitest'
import { purge } from '../../../../src/actions/db/purge.ts'
import { purgeHistory } from '../../../../src/actions/db/purge-history.ts'
import { set } from '../../../../src/actions/flavor/set.ts'
import { show } from '../../../../src/actions/history/show.ts'
import { aContext, faultOf, given, mallory, performed, seenBy, type TestContext } from '../../../support/a-context.ts'
import { aFlavor } from '../../../support/a-flavor.ts'
import { aService } from '../../../support/a-service.ts'

const day = 86_400_000
let context: TestContext
/** Revisions of 2026-01-01, -02 and -03; now it is a month later. */
beforeEach(async () => {
  context = aContext()
  await given(context, 'flavors', aFlavor())
  for (const description of ['one', 'two']) {
    context.clock.advance(day)
    await performed(set, { flavor: 'm1.tiny', description }, context)
  }
  context.clock.advance(30 * day)
})
const history = () => performed(show, { type: 'flavor', name: 'm1.tiny' }, context)

describe('db.purge-history', () => {
  it('drops what is older, and says which moment is the oldest now', async () => {
    expect(await performed(purgeHistory, { before: '2026-01-02T12:00:00Z' }, context)).toEqual({
      revisions: 2,
      changes: 2,
      start: { revision: 2, at: '2026-01-02T00:00:00.000Z' },
    })
    const older = context.store.read((reader) => reader.list('flavors'), { time: '2026-01-01T12:00:00Z' })
    await expect(older).rejects.toMatchObject({ kind: 'not-found', hint: 'the oldest moment is --at 2026-01-02T00:00:00.000Z' })
  })

  it('only counts in a plan', async () => {
    const planned = await performed(purgeHistory, { olderThanDays: 30 }, { ...context, plan: true })
    expect(planned).toEqual({ revisions: 2, changes: 2, start: null })
    const commands = ['2 revisions', '2 versions']
    expect(context.events).toContainEqual({ type: 'step', flow: 'purge', step: 'history', status: 'done', commands })
    expect(await history()).toHaveLength(3)
  })

  it('leaves a history that says where it begins, and what changed since', async () => {
    await performed(purgeHistory, { before: '2026-01-02T12:00:00Z' }, context)
    const purgedAt = '2026-02-02T00:00:00.000Z'
    expect(await history()).toMatchObject([
      { revision: 2, at: '2026-01-02T00:00:00.000Z', event: 'purged', changes: [{ field: 'purgedAt', after: purgedAt }] },
      { revision: 3, event: 'changed', changes: [{ field: 'description', before: 'one', after: 'two' }] },
    ])
    expect(await faultOf(show, { type: 'flavor', name: 'nobody' }, context)).toMatchObject({
      kind: 'not-found',
      hint: expect.stringContaining('purged on 2026-02-02'),
    })
  })

  it('goes with a purge of archived servers when it is asked for', async () => {
    expect(await performed(purge, { before: '2026-01-02T12:00:00Z' }, context)).toMatchObject({ history: /purge-history/ })
    expect(await history()).toHaveLength(3)
    const both = await performed(purge, { before: '2026-01-02T12:00:00Z', history: true }, context)
    expect(both).toMatchObject({ servers: 0, history: '2 revisions of the history' })
    expect(await history()).toMatchObject([{ event: 'purged' }, { revision: 3 }])
  })

  it('is refused without an age, to others than administrators, and while daemons of two versions are up', async () => {
    expect(await faultOf(purgeHistory, {}, context)).toMatchObject({ kind: 'invalid' })
    const all = { before: '2030-01-01' }
    expect((await faultOf(purgeHistory, all, seenBy(context, mallory))).kind).toBe('forbidden')
    const lastSeen = new Date(context.clock.wall()).toISOString()
    await given(
      context,
      'services',
      aService({ id: 'a', version: '1.0', lastSeen }),
      aService({ id: 'b', version: '1.1', lastSeen }),
    )
    const fault = await faultOf(purgeHistory, all, context)
    expect(fault).toMatchObject({ kind: 'conflict', message: expect.stringContaining('a (1.0), b (1.1)') })
    context.clock.advance(day)
    expect(await performed(purgeHistory, all, context)).toMatchObject({ revisions: 3 })
  })
})
