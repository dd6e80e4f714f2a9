import { peek } from '../../actions/queue/peek.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(peek, {
  columns: ['id', 'topic', 'reason', 'body'],
  examples: ['nova queue peek', 'nova queue peek --json'],
})
