import { diagnostics } from '../../actions/server/diagnostics.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(diagnostics, {
  args: ['server'],
  aliases: ['diagnostics'],
  ask: { server: { list: 'server.list' } },
  examples: ['nova diagnostics web-1'],
})
