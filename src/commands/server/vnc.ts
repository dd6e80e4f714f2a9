import { vnc } from '../../actions/server/vnc.ts'
import { commandFor } from '../../cli/command-for.ts'

export default commandFor(vnc, {
  args: ['server'],
  aliases: ['get-vnc-console'],
  ask: { server: { list: 'server.list' } },
  examples: ['nova get-vnc-console web-1', 'nova server vnc web-1 -f value -c tunnel'],
})
