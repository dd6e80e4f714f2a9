import { show } from '../../actions/config/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['like'],
  columns: ['key', 'value', 'default', 'from'],
  examples: ['nova config show', 'nova config show --changed', 'nova config show ratio'],
})
