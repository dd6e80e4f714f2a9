import { remove } from '../../actions/webhook/remove.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['id'],
  ask: { id: { list: 'webhook.list' } },
  columns: ['id', 'url'],
  examples: ['nova webhook remove ID'],
})
