import { list } from '../../actions/aggregate/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['aggregate-list'],
  columns: ['id', 'name', 'availabilityZone', 'hosts'],
  wide: ['metadata', 'createdAt'],
  examples: ['nova aggregate list', 'nova aggregate list -f wide'],
})
