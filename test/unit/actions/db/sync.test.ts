import { expect, it } from 'vitest'
import { sync } from '../../../../src/actions/db/sync.ts'
import { iso } from '../../../../src/core/time.ts'
import type { Service } from '../../../../src/model/service.ts'
import { aContext, given, performed } from '../../../support/a-context.ts'
import { aService } from '../../../support/a-service.ts'
import { anUpkeep } from '../../../support/an-upkeep.ts'

/** An upkeep of form 12 that writes down what it is told to do. */
function noted() {
  const told: string[] = []
  const upkeep = anUpkeep({
    records: 12,
    facts: async () => ({ place: 'memory', schema: 11, known: 12, pending: ['live moves'] }),
    prepare: async () => void told.push('prepare'),
    sync: async () => void told.push('sync'),
  })
  return { told, upkeep: async () => upkeep }
}

/** A service that was heard of a moment before. */
async function syncBeside(change: Partial<Service>, plan = false) {
  const { told, upkeep } = noted()
  const context = aContext({ upkeep, plan })
  const lastSeen = iso(context.clock.wall())
  await given(context, 'services', aService({ lastSeen, understands: { records: 11, messages: 1 }, ...change }))
  return { told, result: performed(sync, {}, context) }
}

it('makes tables, and leaves the form as it is, as long as an older service is up', async () => {
  const { told, result } = await syncBeside({})
  await expect(result).rejects.toMatchObject({
    kind: 'conflict',
    message: 'service c1 is up and older: it reads no records of form 12',
    hint: expect.stringContaining('nova daemon upgrade --plan'),
  })
  expect(told).toEqual(['prepare'])
})

it.each<readonly [string, Partial<Service>]>([
  ['understands the form', { understands: { records: 12, messages: 1 } }],
  ['has ended', { process: null }],
  ['was declared dead', { forcedDown: true }],
  ['was not heard of for long', { lastSeen: '2020-01-01T00:00:00.000Z' }],
])('raises the form when the service %s', async (_, change) => {
  const { told, result } = await syncBeside(change)
  await result
  expect(told).toEqual(['prepare', 'sync'])
})

it('does nothing in a plan', async () => {
  const { told, result } = await syncBeside({}, true)
  expect(await result).toMatchObject({ pending: ['live moves'] })
  expect(told).toEqual([])
})
