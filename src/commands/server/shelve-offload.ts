import { shelveOffload } from '../../actions/server/shelve-offload.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(shelveOffload, {
  args: ['servers'],
  aliases: ['shelve-offload', 'server-shelve-offload'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'image'],
  examples: ['nova shelve-offload web-1'],
})
