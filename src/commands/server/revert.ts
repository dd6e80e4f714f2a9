import { revert } from '../../actions/server/revert.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(revert, {
  args: ['servers'],
  aliases: ['resize-revert', 'server-revert'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  done: (servers) =>
    servers.map(({ name, status, host, flavor }) => `${name} is ${status} on ${host} with flavor ${flavor}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova resize-revert web-1', 'nova resize-revert web-1 web-2'],
})
