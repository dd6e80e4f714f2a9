import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { aggregateView, viewOfAggregate } from '../../model/placement.ts'
import { defineAction, writing } from '../context.ts'
import { countOf } from '../count-of.ts'
import { find } from '../find.ts'
import { findEach, ifExists, references } from '../find-each.ts'

export const remove = defineAction({
  name: 'aggregate.delete',
  summary: 'delete empty host aggregates',
  effect: 'destroy',
  policy: 'admin',
  input: object({ aggregates: references('aggregates'), ifExists: ifExists() }),
  output: z.array(aggregateView),
  run: (input, context) =>
    writing(context, 'aggregate.delete', async (tx) => {
      const aggregates = await findEach(input.aggregates, input.ifExists, (one) => find(tx, 'aggregates', one, context))
      for (const { id, name, hosts } of aggregates) {
        if (hosts.length > 0)
          throw new Fault(
            'conflict',
            `aggregate "${name}" still has ${countOf(hosts.length, 'host')}: ${hosts.slice(0, 10).join(', ')}`,
            {
              hint: `nova aggregate remove-host "${name}" ${hosts[0]}`,
            },
          )
        await tx.remove('aggregates', id)
      }
      return aggregates.map(viewOfAggregate)
    }),
})
