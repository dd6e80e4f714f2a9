import { show } from '../../actions/aggregate/show.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(show, {
  args: ['aggregate'],
  aliases: ['aggregate-show', 'aggregate-details'],
  ask: { aggregate: { list: 'aggregate.list' } },
  ...aggregateColumns,
  examples: ['nova aggregate show rack-1'],
})
