import { unpause } from '../../actions/server/unpause.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(unpause, {
  args: ['servers'],
  aliases: ['unpause', 'server-unpause'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova unpause web-1'],
})
