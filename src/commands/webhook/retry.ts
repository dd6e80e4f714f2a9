import { retry } from '../../actions/webhook/retry.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(retry, {
  args: ['webhook', 'ids'],
  ask: { webhook: { list: 'webhook.list' } },
  columns: ['id', 'delivered', 'error'],
  exitCode: (rows) => (rows.every(({ delivered }) => delivered) ? 0 : somethingLeft),
  examples: ['nova webhook retry ID'],
})
