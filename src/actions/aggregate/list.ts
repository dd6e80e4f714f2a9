import { count, object, reference, z } from '../../core/schema.ts'
import { aggregateView, viewOfAggregate } from '../../model/placement.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'aggregate.list',
  summary: 'list host aggregates',
  effect: 'read',
  policy: 'admin',
  input: object({
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only aggregates after this id'),
  }),
  output: z.array(aggregateView),
  async run(input, context) {
    const page = { limit: input.limit, ...(input.marker === undefined ? {} : { marker: input.marker }) }
    const aggregates = await reading(context, (reader) => reader.list('aggregates', page))
    return aggregates.map(viewOfAggregate)
  },
})
