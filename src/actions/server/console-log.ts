import { count, object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { callHost } from './call-host.ts'

const maxBytes = 1024 * 1024

export const consoleLog = defineAction({
  name: 'server.console-log',
  summary: "show the end of a server's serial console",
  effect: 'read',
  policy: 'reader',
  input: object({
    server: reference().describe('name or id of the server'),
    length: count(1, 100_000).optional().describe('only the last lines'),
    bytes: count(1, maxBytes).default(102_400).describe('bytes from the end that are looked at'),
  }),
  output: z.strictObject({ server: z.string(), output: z.string() }),
  async run(input, context) {
    const { server, result } = await callHost(input.server, 'consoleLog', { bytes: input.bytes }, context)
    const lines = result.split('\n')
    return { server: server.name, output: input.length === undefined ? result : lines.slice(-input.length).join('\n') }
  },
})
