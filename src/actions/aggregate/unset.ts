import { list, object, reference, text, z } from '../../core/schema.ts'
import { withoutKeys } from '../../model/pairs.ts'
import { aggregateView, zoneKey } from '../../model/placement.ts'
import { defineAction } from '../context.ts'
import { changeAggregate } from './change-aggregate.ts'

export const unset = defineAction({
  name: 'aggregate.unset',
  summary: 'remove metadata or the zone of an aggregate',
  effect: 'write',
  policy: 'admin',
  input: object({
    aggregate: reference().describe('name or id of the aggregate'),
    metadata: list(text(), 128).default([]).describe('keys to remove'),
    zone: z.boolean().default(false).describe('its hosts form no zone any more'),
  }),
  output: aggregateView,
  run: (input, context) =>
    changeAggregate(context, 'aggregate.unset', input.aggregate, async (aggregate) => {
      const keys = [...input.metadata, ...(input.zone ? [zoneKey] : [])]
      return { ...aggregate, metadata: withoutKeys(aggregate.metadata, keys, `aggregate "${aggregate.name}"`) }
    }),
})
