import { reclaim } from '../../actions/server/reclaim.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(reclaim, {
  columns: ['id', 'name', 'status'],
  examples: ['nova server reclaim', 'nova server reclaim --plan'],
})
