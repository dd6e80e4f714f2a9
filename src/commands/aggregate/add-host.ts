import { addHost } from '../../actions/aggregate/add-host.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(addHost, {
  args: ['aggregate', 'host'],
  aliases: ['aggregate-add-host'],
  ask: { aggregate: { list: 'aggregate.list' }, host: { list: 'host.list' } },
  ...aggregateColumns,
  examples: ['nova aggregate add-host rack-1 here'],
})
