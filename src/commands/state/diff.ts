import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'
import { stateDiff } from '../../cli/state-actions.ts'

export default commandFor(stateDiff, {
  args: ['a', 'b'],
  columns: ['table', 'id', 'change', 'fields'],
  exitCode: (found) => (found.length > 0 ? somethingLeft : 0),
  examples: ['nova state diff /srv/nova records.jsonl'],
})
