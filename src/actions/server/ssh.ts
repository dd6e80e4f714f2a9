import { Fault } from '../../core/fault.ts'
import { list, object, reference, slug, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { readServer } from './server-flows.ts'

export const ssh = defineAction({
  name: 'server.ssh',
  summary: 'log in to a server with ssh',
  effect: 'read',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    command: list(z.string().max(4096), 100).default([]).describe('command to run there instead of a shell'),
    login: slug(32).default('root').describe('user in the guest'),
    identity: text(1024).optional().describe('file of the private key'),
  }),
  output: z.strictObject({
    server: z.string(),
    host: z.string(),
    address: z.string(),
    port: z.int(),
    login: z.string(),
    identity: z.string().optional(),
    command: z.array(z.string()),
  }),
  async run(input, context) {
    const server = await readServer(input.server, context)
    if (server.vmState !== 'active')
      throw new Fault('conflict', `server ${server.name} is ${server.vmState}, not active`, { hint: `nova show ${server.name}` })
    const port = server.nics.find((nic) => nic.sshPort !== null)?.sshPort
    if (!port || server.host === null)
      throw new Fault('unsupported', `server ${server.name} has no port that leads to its ssh`, {
        hint: 'boot it with --nic user',
      })
    const { login, identity, command } = input
    return { server: server.id, host: server.host, address: '127.0.0.1', port, login, identity, command }
  },
})
