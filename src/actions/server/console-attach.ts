import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { callHost } from './call-host.ts'

export const consoleAttach = defineAction({
  name: 'server.console-attach',
  summary: "find the socket of a server's serial console",
  effect: 'read',
  policy: 'member',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.strictObject({ server: z.string(), host: z.string(), socket: z.string() }),
  async run(input, context) {
    const { server, host, result } = await callHost(input.server, 'consoleSocket', undefined, context)
    return { server: server.name, host, socket: result }
  },
})
