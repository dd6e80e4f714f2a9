import { wait } from '../../actions/server/wait.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(wait, {
  args: ['server'],
  aliases: ['wait', 'server-wait'],
  ask: { server: { list: 'server.list' } },
  columns: ['id', 'name', 'status'],
  examples: ['nova wait web-1', 'nova wait web-1 --for login --timeout 120'],
})
