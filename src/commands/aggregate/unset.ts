import { unset } from '../../actions/aggregate/unset.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(unset, {
  args: ['aggregate', 'metadata'],
  ask: { aggregate: { list: 'aggregate.list' } },
  ...aggregateColumns,
  examples: ['nova aggregate unset fast ssd', 'nova aggregate unset rack-1 --zone'],
})
