import { stop } from '../../actions/server/stop.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(stop, {
  args: ['servers'],
  aliases: ['stop', 'server-stop'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova stop web-1', 'nova stop web-1 web-2 --shutdown-timeout 10', 'nova stop web-1 --hard'],
})
