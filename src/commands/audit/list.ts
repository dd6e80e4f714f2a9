import { list } from '../../actions/audit/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(list, {
  flags: { in: { name: 'project' } },
  columns: ['at', 'userId', 'projectId', 'action', 'outcome', 'door', 'durationMs', 'requestId'],
  wide: ['input', 'message', 'roles'],
  examples: ['nova audit list --user alice', 'nova audit list --failed --json'],
})
