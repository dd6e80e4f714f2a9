import { interfaces } from '../../actions/server/interfaces.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(interfaces, {
  args: ['server'],
  aliases: ['interface-list', 'server-interface-list'],
  ask: { server: { list: 'server.list' } },
  columns: ['mac', 'kind', 'source', 'address', 'sshPort'],
  examples: ['nova interface-list web-1'],
})
