import { consoleLog } from '../../actions/server/console-log.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(consoleLog, {
  args: ['server'],
  aliases: ['console-log', 'server-console-log'],
  ask: { server: { list: 'server.list' } },
  render: ({ output }) => output.replace(/\n$/, ''),
  examples: ['nova console log web-1', 'nova console log web-1 --length 20'],
})
