import { rename } from '../../actions/server/rename.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(rename, {
  args: ['server', 'name'],
  aliases: ['rename', 'server-rename'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'lockedBy', 'lockedReason', 'metadata'],
  examples: ['nova rename web-1 web-blue'],
})
