import { Fault } from '../../core/fault.ts'
import { object, reference, slug, z } from '../../core/schema.ts'
import { guard, guardLock } from '../../model/guards.ts'
import { defineAction } from '../context.ts'
import { callHost } from './call-host.ts'
import { readServer } from './server-flows.ts'

export const setPassword = defineAction({
  name: 'server.set-password',
  summary: "set a user's password in the guest, by its guest agent",
  effect: 'write',
  policy: 'member',
  secrets: ['password'],
  input: object({
    server: reference().describe('name or id of the server'),
    user: slug(32).default('root').describe('user in the guest'),
    password: z.string().min(1).max(255).describe('the new password, read from a file or standard input'),
  }),
  output: z.strictObject({ server: z.string(), user: z.string() }),
  async run({ server: reference, user, password }, context) {
    const server = await readServer(reference, context)
    guard('set-password', server)
    guardLock('set-password', server, false)
    if (context.plan) throw new Fault('unsupported', 'a password change cannot be planned: it happens inside the guest')
    await callHost(server.id, 'setPassword', { user, password }, context)
    return { server: server.name, user }
  },
})
