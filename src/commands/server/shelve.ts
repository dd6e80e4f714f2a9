import { shelve } from '../../actions/server/shelve.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(shelve, {
  args: ['servers'],
  aliases: ['shelve', 'server-shelve'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'image'],
  examples: ['nova shelve web-1', 'nova shelve web-1 --plan'],
})
