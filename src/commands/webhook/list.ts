import { list } from '../../actions/webhook/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  columns: ['id', 'url', 'type', 'enabled', 'delivered', 'failed', 'lastError'],
  wide: ['after', 'lastDeliveredAt', 'disabledReason', 'createdBy', 'createdAt'],
  examples: ['nova webhook list'],
})
