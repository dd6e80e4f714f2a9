import { failed } from '../../actions/webhook/failed.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(failed, {
  columns: ['id', 'type', 'tries', 'error', 'failedAt'],
  wide: ['webhookId', 'messageId'],
  examples: ['nova webhook failed', 'nova webhook failed --webhook ID'],
})
