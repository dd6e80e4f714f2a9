import { remove } from '../../actions/server/delete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(remove, {
  args: ['servers'],
  aliases: ['delete', 'server-delete'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status'],
  done: (gone) => `deleted server ${gone.map(({ name }) => name).join(', ')}`,
  examples: ['nova delete web-1', 'nova delete web-1 web-2 --yes', 'nova delete web-1 --plan'],
})
