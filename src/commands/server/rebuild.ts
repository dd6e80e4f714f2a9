import { rebuild } from '../../actions/server/rebuild.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(rebuild, {
  args: ['server', 'image'],
  aliases: ['rebuild', 'server-rebuild'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'image', 'flavor'],
  examples: ['nova rebuild web-1 cirros', 'nova rebuild web-1 --plan'],
})
