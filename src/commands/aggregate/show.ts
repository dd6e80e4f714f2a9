import { show } from '../../actions/aggregate/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['aggregate'],
  aliases: ['aggregate-show', 'aggregate-details'],
  ask: { aggregate: { list: 'aggregate.list' } },
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
  examples: ['nova aggregate show rack-1'],
})
