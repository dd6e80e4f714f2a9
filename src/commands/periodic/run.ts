import { runTasks } from '../../actions/periodic/run.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(runTasks, {
  args: ['tasks'],
  ask: { tasks: { list: 'periodic.list' } },
  columns: ['name', 'result', 'durationMs', 'message'],
  examples: ['nova periodic run sync_power_states', 'nova periodic run run_image_cache_manager_pass --plan'],
})
