import { attach } from '../../actions/server/attach-interface.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(attach, {
  args: ['server'],
  aliases: ['interface-attach', 'server-interface-attach'],
  ask: { server: { list: 'server.list' } },
  columns: ['server', 'mac', 'kind', 'source', 'address'],
  examples: ['nova interface-attach web-1', 'nova interface-attach web-1 --nic bridge=br0'],
})
