import { resetState } from '../../actions/server/reset-state.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(resetState, {
  args: ['servers'],
  aliases: ['reset-state'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  examples: ['nova reset-state web-1', 'nova reset-state web-1 --active'],
})
