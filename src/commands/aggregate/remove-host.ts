import { removeHost } from '../../actions/aggregate/remove-host.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(removeHost, {
  args: ['aggregate', 'host'],
  aliases: ['aggregate-remove-host'],
  ask: { aggregate: { list: 'aggregate.list' }, host: { list: 'host.list' } },
  ...aggregateColumns,
  examples: ['nova aggregate remove-host rack-1 here'],
})
