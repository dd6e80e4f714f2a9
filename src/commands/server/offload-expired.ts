import { offloadExpired } from '../../actions/server/offload-expired.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(offloadExpired, {
  columns: ['id', 'name', 'status', 'host'],
  examples: ['nova server offload-expired'],
})
