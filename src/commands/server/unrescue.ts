import { unrescue } from '../../actions/server/unrescue.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unrescue, {
  args: ['servers'],
  aliases: ['unrescue', 'server-unrescue'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova unrescue web-1'],
})
