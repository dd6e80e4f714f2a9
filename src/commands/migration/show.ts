import { show } from '../../actions/migration/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['migration'],
  aliases: ['migration-show'],
  ask: { migration: { list: 'migration.list' } },
  examples: ['nova migration show 3f0a', 'nova migration show ID --json'],
})
