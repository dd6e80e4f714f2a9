import { set } from '../../actions/aggregate/set.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(set, {
  args: ['aggregate', 'metadata'],
  aliases: ['aggregate-set-metadata', 'aggregate-update'],
  flags: { zone: { aliases: ['availability-zone'] } },
  ask: { aggregate: { list: 'aggregate.list' } },
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
  examples: ['nova aggregate set fast ssd=true', 'nova aggregate set rack-1 --zone az1 --name rack-one'],
})
