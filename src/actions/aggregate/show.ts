import { object, reference } from '../../core/schema.ts'
import { aggregateView, viewOfAggregate } from '../../model/placement.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const show = defineAction({
  name: 'aggregate.show',
  summary: 'show a host aggregate',
  effect: 'read',
  policy: 'admin',
  input: object({ aggregate: reference().describe('name or id of the aggregate') }),
  output: aggregateView,
  run: (input, context) =>
    reading(context, async (reader) => viewOfAggregate(await find(reader, 'aggregates', input.aggregate, context))),
})
