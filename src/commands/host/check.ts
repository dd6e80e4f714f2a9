import { check } from '../../actions/host/check.ts'
import { commandFor } from '../../cli/command-for.ts'
import { somethingLeft } from '../../cli/exit-codes.ts'

export default commandFor(check, {
  args: ['hosts'],
  columns: ['host', 'check', 'status', 'value', 'advice'],
  exitCode: (rows) => (rows.some(({ status }) => status === 'failed') ? somethingLeft : 0),
  examples: ['nova host check', 'nova host check hv1 --problems'],
})
