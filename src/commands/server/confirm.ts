import { confirm } from '../../actions/server/confirm.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(confirm, {
  args: ['servers'],
  aliases: ['resize-confirm', 'server-confirm'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'powerState', 'host', 'flavor'],
  done: (servers) =>
    servers.map(({ name, status, host, flavor }) => `${name} is ${status} on ${host} with flavor ${flavor}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova resize-confirm web-1', 'nova resize-confirm web-1 web-2'],
})
