import { resize } from '../../actions/server/resize.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(resize, {
  args: ['server', 'flavor'],
  aliases: ['resize', 'server-resize'],
  ask: { server: { list: 'server.list' }, flavor: { list: 'flavor.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  examples: ['nova resize web-1 m1.small', 'nova resize web-1 m1.small --plan', 'nova resize web-1 m1.small --auto-confirm'],
})
