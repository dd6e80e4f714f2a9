import { Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import { aggregateView } from '../../model/placement.ts'
import { defineAction } from '../context.ts'
import { changeAggregate, hostOfAggregate } from './change-aggregate.ts'

export const removeHost = defineAction({
  name: 'aggregate.remove-host',
  summary: 'take a host out of an aggregate',
  effect: 'write',
  policy: 'admin',
  input: hostOfAggregate,
  output: aggregateView,
  run: (input, context) =>
    changeAggregate(context, 'aggregate.remove-host', input.aggregate, async ({ hosts, ...aggregate }, tx) => {
      // by name, so that a host whose record is gone can still be taken out
      const name = (await tx.get('hosts', input.host))?.name ?? input.host
      if (hosts.includes(name)) return { ...aggregate, hosts: hosts.filter((host) => host !== name) }
      const near = nearest(name, hosts)
      const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : `it has ${hosts.slice(0, 10).join(', ') || 'no hosts'}`
      throw new Fault('not-found', `aggregate "${aggregate.name}" has no host ${name}`, { hint })
    }),
})
