import { lock } from '../../actions/server/lock.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(lock, {
  args: ['server'],
  aliases: ['lock', 'server-lock'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'lockedBy', 'lockedReason', 'metadata'],
  examples: ['nova lock web-1 --reason maintenance'],
})
