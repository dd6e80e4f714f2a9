import { set } from '../../actions/server/set.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(set, {
  args: ['server', 'metadata'],
  aliases: ['meta-set', 'server-set'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'lockedBy', 'lockedReason', 'metadata'],
  examples: ['nova server set web-1 role=frontend tier=1'],
})
