import { consoleAttach } from '../../actions/server/console-attach.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(consoleAttach, {
  args: ['server'],
  aliases: ['console', 'console-attach'],
  ask: { server: { list: 'server.list' } },
  render: () => '',
  after: async (found, screen, connection, { server }) => {
    const { attachConsole } = await import('../../cli/attach-console.ts')
    return attachConsole(found.server, await connection.openConsole({ ...found, server }), screen)
  },
  examples: ['nova console attach web-1'],
})
