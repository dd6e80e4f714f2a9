import { create } from '../../actions/aggregate/create.ts'
import { commandFor } from '../../cli/command-for.ts'
import { aggregateColumns } from '../../cli/noun-views.ts'

export default commandFor(create, {
  args: ['name'],
  aliases: ['aggregate-create'],
  flags: { zone: { aliases: ['availability-zone'] }, metadata: { name: 'property' } },
  ...aggregateColumns,
  examples: ['nova aggregate create rack-1 --zone az1', 'nova aggregate create fast --property ssd=true'],
})
