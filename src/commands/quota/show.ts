import { show } from '../../actions/quota/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['project'],
  aliases: ['quota-show'],
  columns: ['resource', 'used', 'limit'],
  wide: ['projectId'],
  examples: ['nova quota show', 'nova quota show demo'],
})
