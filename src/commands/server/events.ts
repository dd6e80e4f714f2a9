import { events } from '../../actions/server/events.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(events, {
  args: ['server'],
  aliases: ['instance-action-list'],
  ask: { server: { list: 'server.list' } },
  columns: ['startedAt', 'action', 'actor', 'status', 'step', 'durationMs', 'error'],
  wide: ['requestId', 'finishedAt'],
  examples: ['nova server events web-1', 'nova server events web-1 --json'],
})
