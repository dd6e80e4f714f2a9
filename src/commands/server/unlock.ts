import { unlock } from '../../actions/server/unlock.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unlock, {
  args: ['server'],
  aliases: ['unlock', 'server-unlock'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'lockedBy', 'lockedReason', 'metadata'],
  examples: ['nova unlock web-1'],
})
