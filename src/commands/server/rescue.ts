import { rescue } from '../../actions/server/rescue.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(rescue, {
  args: ['server'],
  aliases: ['rescue', 'server-rescue'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'image', 'flavor'],
  examples: ['nova rescue web-1', 'nova rescue web-1 --image cirros'],
})
