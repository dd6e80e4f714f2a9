import { backup } from '../../actions/server/backup.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(backup, {
  args: ['server', 'name', 'type', 'rotation'],
  aliases: ['backup', 'server-backup'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'size', 'minDisk'],
  examples: ['nova backup web-1 web-1-monday daily 7'],
})
