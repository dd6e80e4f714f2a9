import { consoleAttach } from '../../actions/server/console-attach.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(consoleAttach, {
  args: ['server'],
  aliases: ['console', 'console-attach'],
  ask: { server: { list: 'server.list' } },
  render: () => '',
  after: async ({ server, host, socket }, screen, connection) => {
    const { attachConsole } = await import('../../cli/attach-console.ts')
    return attachConsole(server, await connection.connectSocket(host, socket), screen)
  },
  examples: ['nova console attach web-1'],
})
