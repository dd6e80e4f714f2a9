import { retry } from '../../actions/queue/retry.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(retry, {
  args: ['ids'],
  columns: ['id', 'topic', 'reason'],
  wide: ['body'],
  examples: ['nova queue retry', 'nova queue retry 0f6ad1c6-3a52-4f0e-9d2a-1c4a31b0c1a7'],
})
