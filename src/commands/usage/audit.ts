import { audit } from '../../actions/usage/audit.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(audit, {
  columns: ['server', 'id', 'beginning', 'ending'],
  examples: ['nova usage audit'],
})
