import { check } from '../../actions/host/check.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(check, {
  args: ['hosts'],
  columns: ['host', 'check', 'status', 'value', 'advice'],
  exitCode: (rows) => (rows.some(({ status }) => status === 'failed') ? 1 : 0),
  examples: ['nova host check', 'nova host check hv1 --problems'],
})
