import { show } from '../../actions/limits/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['project'],
  aliases: ['limits', 'absolute-limits'],
  columns: ['name', 'used', 'maximum'],
  examples: ['nova limits'],
})
