import { forceComplete } from '../../actions/migration/force-complete.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(forceComplete, {
  args: ['target', 'migration'],
  aliases: ['live-migration-force-complete'],
  ask: { target: { list: 'migration.list' } },
  done: ({ server, status, order }) => `the live migration of server ${server} (${status}) was told: ${order}`,
  examples: ['nova migration force-complete web-1', 'nova migration force-complete 3f0a'],
})
