import { failStuckBuilds } from '../../actions/server/fail-stuck-builds.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(failStuckBuilds, {
  columns: ['id', 'name', 'status', 'powerState', 'host'],
  examples: ['nova server fail-stuck-builds'],
})
