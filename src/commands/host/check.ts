import { check } from '../../actions/host/check.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(check, {
  args: ['hosts'],
  columns: ['host', 'check', 'status', 'value', 'advice'],
  examples: ['nova host check', 'nova host check hv1 --problems'],
})
