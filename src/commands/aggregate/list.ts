import { list } from '../../actions/aggregate/list.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(list, {
  aliases: ['aggregate-list'],
  ...aggregateColumns,
  examples: ['nova aggregate list', 'nova aggregate list -f wide'],
})
