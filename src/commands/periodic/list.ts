import { listTasks } from '../../actions/periodic/list.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(listTasks, {
  columns: ['name', { key: 'interval', unit: 'seconds' }, 'lastRunAt', 'result', 'durationMs', 'message', 'nextRunAt'],
  wide: ['action', 'actor', 'runs', 'failures', 'summary'],
  examples: ['nova periodic list', 'nova periodic list -f wide'],
})
