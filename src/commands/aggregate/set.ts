import { set } from '../../actions/aggregate/set.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(set, {
  args: ['aggregate', 'metadata'],
  aliases: ['aggregate-set-metadata', 'aggregate-update'],
  flags: { zone: { aliases: ['availability-zone'] } },
  ask: { aggregate: { list: 'aggregate.list' } },
  ...aggregateColumns,
  examples: ['nova aggregate set fast ssd=true', 'nova aggregate set rack-1 --zone az1 --name rack-one'],
})
