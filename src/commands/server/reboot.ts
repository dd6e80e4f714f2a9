import { reboot } from '../../actions/server/reboot.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(reboot, {
  args: ['servers'],
  aliases: ['reboot', 'server-reboot'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova reboot web-1', 'nova reboot web-1 --hard'],
})
