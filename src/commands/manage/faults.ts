import { faults } from '../../actions/manage/faults.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(faults, {
  columns: ['at', 'action', 'about', 'kind', 'message'],
  wide: ['requestId'],
  examples: ['nova manage faults --limit 50', 'nova-manage logs errors 50'],
})
