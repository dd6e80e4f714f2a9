import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { callHost } from './call-host.ts'

export const diagnostics = defineAction({
  name: 'server.diagnostics',
  summary: 'show what the hypervisor says of a server now',
  effect: 'read',
  policy: 'reader',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.looseObject({ server: z.string(), host: z.string() }),
  async run(input, context) {
    const { server, host, result } = await callHost(input.server, 'diagnostics', undefined, context)
    return { server: server.name, host, ...result }
  },
})
