import { detach } from '../../actions/server/detach-interface.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(detach, {
  args: ['server', 'mac'],
  aliases: ['interface-detach', 'server-interface-detach'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'host', 'addresses'],
  examples: ['nova interface-detach web-1 fa:16:3e:01:02:03'],
})
