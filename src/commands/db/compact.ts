import { compact } from '../../actions/db/compact.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(compact, {
  done: ({ revision }) => `a snapshot of revision ${revision} is written`,
  examples: ['nova db compact'],
})
