import { forceDelete } from '../../actions/server/force-delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(forceDelete, {
  args: ['servers'],
  aliases: ['force-delete', 'server-force-delete'],
  columns: ['id', 'name', 'status'],
  done: (gone) => `deleted server ${gone.map(({ name }) => name).join(', ')}`,
  examples: ['nova force-delete web-1', 'nova force-delete web-1 --plan'],
})
