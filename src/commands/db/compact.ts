import { compact } from '../../actions/db/compact.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(compact, {
  done: ({ revision }) => `revision ${revision} is compact`,
  examples: ['nova db compact'],
})
