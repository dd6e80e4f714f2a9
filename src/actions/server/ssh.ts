import { Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { readServer } from './server-flows.ts'

export const ssh = defineAction({
  name: 'server.ssh',
  summary: 'find where ssh to a server leads',
  effect: 'read',
  policy: 'member',
  input: object({ server: reference().describe('name or id of the server') }),
  output: z.strictObject({ server: z.string(), host: z.string(), address: z.string(), port: z.int() }),
  async run(input, context) {
    const server = await readServer(input.server, context)
    if (server.vmState !== 'active') throw new Fault('conflict', `server ${server.name} is ${server.vmState}, not active`)
    const port = server.nics.find((nic) => nic.sshPort !== null)?.sshPort
    if (!port || server.host === null)
      throw new Fault('unsupported', `server ${server.name} has no port that leads to its ssh`, {
        hint: 'boot it with --nic user',
      })
    return { server: server.name, host: server.host, address: '127.0.0.1', port }
  },
})
