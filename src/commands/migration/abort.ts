import { abort } from '../../actions/migration/abort.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(abort, {
  args: ['target', 'migration'],
  aliases: ['live-migration-abort'],
  ask: { target: { list: 'migration.list' } },
  done: ({ server, status, order }) => `the live migration of server ${server} (${status}) was told: ${order}`,
  examples: ['nova migration abort web-1', 'nova migration abort 3f0a'],
})
