import { confirmExpired } from '../../actions/server/confirm-expired.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(confirmExpired, {
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  examples: ['nova server confirm-expired'],
})
