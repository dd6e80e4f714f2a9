import { start } from '../../actions/server/start.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(start, {
  args: ['servers'],
  aliases: ['start', 'server-start'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova start web-1'],
})
