import { Fault } from '../../core/fault.ts'
import { aggregateView } from '../../model/placement.ts'
import { defineAction } from '../context.ts'
import { find } from '../find.ts'
import { changeAggregate, hostOfAggregate } from './change-aggregate.ts'

export const addHost = defineAction({
  name: 'aggregate.add-host',
  summary: 'add a host to an aggregate',
  effect: 'write',
  policy: 'admin',
  input: hostOfAggregate,
  output: aggregateView,
  run: (input, context) =>
    changeAggregate(context, 'aggregate.add-host', input.aggregate, async (aggregate, tx) => {
      const host = await find(tx, 'hosts', input.host, context)
      if (aggregate.hosts.includes(host.name))
        throw new Fault('exists', `host ${host.name} is in aggregate "${aggregate.name}" already`)
      return { ...aggregate, hosts: [...aggregate.hosts, host.name] }
    }),
})
