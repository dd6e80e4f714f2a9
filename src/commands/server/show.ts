import { show } from '../../actions/server/show.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(show, {
  args: ['server'],
  aliases: ['show', 'server-show'],
  ask: { server: { list: 'server.list' } },
  examples: ['nova show web-1', 'nova show web-1 --at 2026-01-31T12:00:00Z', 'nova show web-1 --json'],
})
