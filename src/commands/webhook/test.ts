import { test } from '../../actions/webhook/test.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(test, {
  args: ['id'],
  ask: { id: { list: 'webhook.list' } },
  columns: ['id', 'url', 'durationMs'],
  examples: ['nova webhook test ID'],
})
