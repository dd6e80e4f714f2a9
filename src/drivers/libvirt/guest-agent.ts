/** Setting a password inside a guest, by its agent. */
import { Fault } from '../../core/fault.ts'
import type { DriverContext } from '../driver-context.ts'
import { virshSecretly } from './virsh.ts'
import { virshFault } from './virsh-fault.ts'

const agentMs = 20_000

/** `unsupported` when no agent answers; `invalid` when the guest refuses the user. */
export async function setPassword(context: DriverContext, id: string, user: string, password: string): Promise<void> {
  const { host } = context
  const command = {
    execute: 'guest-set-user-password',
    arguments: { username: user, password: Buffer.from(password).toString('base64'), crypted: false },
  }
  // virsh reads the line as a shell would: within single quotes all is literal but the quote itself.
  const json = JSON.stringify(command).replace(/[^\x20-\x7e]|'/g, escaped)
  const { parts, refusals } = await virshSecretly(context, `qemu-agent-command ${id} '${json}'`, agentMs)
  if (host.planning || /^\{"return":/m.test(parts.join(''))) return
  const words = refusals.join('; ')
  if (/agent is not (responding|connected|configured)|not available/i.test(words)) {
    throw new Fault('unsupported', `guest ${id} has no agent that answers`, { hint: 'install qemu-guest-agent in the guest' })
  }
  if (/unable to execute QEMU agent command/i.test(words)) {
    throw new Fault('invalid', `the agent of guest ${id} refuses the password of ${JSON.stringify(user)}`)
  }
  throw virshFault(host.name, refusals)
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
