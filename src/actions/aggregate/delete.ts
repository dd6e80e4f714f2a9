import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { type Aggregate, aggregateView, viewOfAggregate } from '../../model/placement.ts'
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
      for (const aggregate of aggregates) {
        refuseWithHosts(aggregate)
        await tx.remove('aggregates', aggregate.id)
      }
      return aggregates.map(viewOfAggregate)
    }),
})

/** Throws `conflict` when hosts are in it. */
export function refuseWithHosts({ name, hosts }: Aggregate): void {
  if (hosts.length === 0) return
  const told = hosts.slice(0, 10).join(', ')
  throw new Fault('conflict', `aggregate "${name}" still has ${countOf(hosts.length, 'host')}: ${told}`, {
    hint: `nova aggregate remove-host "${name}" ${hosts[0]}`,
  })
}
