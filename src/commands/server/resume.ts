import { resume } from '../../actions/server/resume.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(resume, {
  args: ['servers'],
  aliases: ['resume', 'server-resume'],
  ask: { servers: { list: 'server.list' } },
  columns: ['id', 'name', 'status', 'taskState', 'powerState', 'host', 'addresses'],
  done: (servers) => servers.map(({ name, status }) => `${name} is ${status}`).join('\n'),
  follow: (input) => `nova server events ${input.servers[0]}`,
  examples: ['nova resume web-1'],
})
