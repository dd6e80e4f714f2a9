import { unrescueExpired } from '../../actions/server/unrescue-expired.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unrescueExpired, {
  columns: ['id', 'name', 'status', 'powerState', 'host'],
  examples: ['nova server unrescue-expired'],
})
