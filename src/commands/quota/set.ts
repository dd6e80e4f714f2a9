import { set } from '../../actions/quota/set.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(set, {
  args: ['project'],
  aliases: ['quota-update'],
  columns: ['resource', 'used', 'limit'],
  wide: ['projectId'],
  examples: ['nova quota set --instances 20 --cores 40', 'nova quota set demo --ram -1'],
})
