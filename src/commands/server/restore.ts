import { restore } from '../../actions/server/restore.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(restore, {
  args: ['servers'],
  aliases: ['restore', 'server-restore'],
  columns: ['id', 'name', 'status', 'powerState', 'host'],
  examples: ['nova restore web-1', 'nova list --status SOFT_DELETED'],
})
