import { Fault } from '../../core/fault.ts'
import { name, object, pairs, reference, slug } from '../../core/schema.ts'
import { withPairs } from '../../model/pairs.ts'
import { aggregateView, zoneKey } from '../../model/placement.ts'
import { defineAction } from '../context.ts'
import { changeAggregate } from './change-aggregate.ts'

export const set = defineAction({
  name: 'aggregate.set',
  summary: "change an aggregate's name, zone or metadata",
  effect: 'write',
  policy: 'admin',
  input: object({
    aggregate: reference().describe('name or id of the aggregate'),
    name: name().optional().describe('new name'),
    zone: slug(255).optional().describe('availability zone that its hosts form'),
    metadata: pairs().default([]).describe('key=value to add or replace'),
  }),
  output: aggregateView,
  run: (input, context) =>
    changeAggregate(context, 'aggregate.set', input.aggregate, async (aggregate, tx) => {
      const [taken] = input.name === undefined ? [] : await tx.list('aggregates', { where: { name: input.name }, limit: 1 })
      if (taken && taken.id !== aggregate.id)
        throw new Fault('exists', `aggregate "${taken.name}" exists already, with the id ${taken.id}`)
      const zone: [string, string][] = input.zone === undefined ? [] : [[zoneKey, input.zone]]
      return {
        ...aggregate,
        name: input.name ?? aggregate.name,
        metadata: withPairs(aggregate.metadata, [...input.metadata, ...zone], `aggregate "${aggregate.name}"`),
      }
    }),
})
