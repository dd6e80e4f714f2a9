import { unset } from '../../actions/aggregate/unset.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unset, {
  args: ['aggregate', 'metadata'],
  ask: { aggregate: { list: 'aggregate.list' } },
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
  examples: ['nova aggregate unset fast ssd', 'nova aggregate unset rack-1 --zone'],
})
