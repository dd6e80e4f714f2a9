import { list } from '../../actions/migration/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  aliases: ['migration-list'],
  columns: ['id', 'server', 'type', 'status', 'percent', 'sourceHost', 'destHost', 'oldFlavor', 'newFlavor', 'createdAt'],
  wide: ['serverId', 'order', 'reason', 'updatedAt'],
  examples: ['nova migration list', 'nova migration list --server web-1', 'nova migration list --status finished'],
})
