import { release } from '../../actions/import/release.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(release, {
  args: ['server'],
  ask: { server: { list: 'server.list' } },
  examples: ['nova import release db-1', 'nova import release db-1 --plan'],
})
