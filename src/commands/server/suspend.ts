import { suspend } from '../../actions/server/suspend.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(suspend, {
  args: ['servers'],
  aliases: ['suspend', 'server-suspend'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova suspend web-1'],
})
