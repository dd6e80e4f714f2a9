import { pause } from '../../actions/server/pause.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(pause, {
  args: ['servers'],
  aliases: ['pause', 'server-pause'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova pause web-1'],
})
