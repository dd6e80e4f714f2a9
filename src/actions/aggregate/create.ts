import { Fault } from '../../core/fault.ts'
import { name, object, pairs, slug, z } from '../../core/schema.ts'
import { iso } from '../../core/time.ts'
import { withPairs } from '../../model/pairs.ts'
import { aggregateView, viewOfAggregate, zoneKey } from '../../model/placement.ts'
import { defineAction, writing } from '../context.ts'
import { refuseBadZone } from './guard-zone.ts'

export const create = defineAction({
  name: 'aggregate.create',
  summary: 'create a host aggregate',
  effect: 'write',
  policy: 'admin',
  input: object({
    name: name().describe('name of the aggregate'),
    zone: slug(255).optional().describe('availability zone that its hosts form'),
    metadata: pairs().default([]).describe('key=value for the scheduler'),
    orReuse: z.boolean().default(false).describe('take the aggregate of that name when there is one'),
  }),
  output: aggregateView,
  run: (input, context) =>
    writing(context, 'aggregate.create', async (tx) => {
      const [same] = await tx.list('aggregates', { where: { name: input.name }, limit: 1 })
      if (same && input.orReuse) return viewOfAggregate(same)
      if (same)
        throw new Fault('exists', `aggregate "${same.name}" exists already, with the id ${same.id}`, {
          hint: '--or-reuse takes it as it is',
        })
      const zone: [string, string][] = input.zone === undefined ? [] : [[zoneKey, input.zone]]
      const metadata = withPairs(input.metadata, zone, `aggregate "${input.name}"`)
      refuseBadZone({ name: input.name, metadata })
      const aggregate = await tx.insert('aggregates', {
        id: context.random.uuid(),
        name: input.name,
        hosts: [],
        metadata,
        createdAt: iso(context.clock.wall()),
      })
      return viewOfAggregate(aggregate)
    }),
})
