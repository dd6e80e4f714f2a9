import { unshelve } from '../../actions/server/unshelve.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unshelve, {
  args: ['servers'],
  aliases: ['unshelve', 'server-unshelve'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'image'],
  examples: ['nova unshelve web-1'],
})
