import { unset } from '../../actions/server/unset.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unset, {
  args: ['server', 'keys'],
  aliases: ['meta-delete', 'server-unset'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'lockedBy', 'lockedReason', 'metadata'],
  examples: ['nova server unset web-1 tier'],
})
