import { Fault } from '../../core/fault.ts'
import { object, reference, text } from '../../core/schema.ts'
import { attachInterface } from '../../flows/attach-interface.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import { interfaceView, viewOfNic } from '../../model/interface-view.ts'
import type { Nic, Server } from '../../model/server.ts'
import { defineAction } from '../context.ts'
import { newNic } from './asked-nic.ts'
import { waitField } from './operate.ts'
import { onlyView, operate } from './server-flows.ts'

/** More than any guest has; what a definition may hold. */
const most = 32

export const attach = defineAction({
  name: 'server.attach-interface',
  summary: 'give a server another network interface, while it runs or not',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    nic: text(80).default('user').describe('user, bridge=NAME or libvirt-network=NAME on its host'),
    wait: waitField,
  }),
  output: interfaceView,
  async run(input, context) {
    const asked = newNic(input.nic, context)
    if (asked === null) throw new Fault('invalid', 'nic is "none": there is nothing to attach')
    const ids = await operate([input.server], 'attach-interface', input.wait, context, async (tx, server, own) => {
      guard('attach-interface', server)
      refuseMany(server)
      await changeServer(tx, server.id, { taskState: 'attaching_interface' })
      return context.flows.begin(tx, attachInterface, { state: { nic: asked }, server, call: context, own })
    })
    const { name } = await onlyView(ids, context)
    return viewOfNic(name, asked)
  },
})

function refuseMany({ name, nics }: Server): void {
  if (nics.length >= most) throw new Fault('conflict', `server ${name} has ${nics.length} interfaces, the most is ${most}`)
}

/** The server's interface with that address; `not-found` names those that it has. */
export function nicOf({ name, nics }: Server, mac: string): Nic {
  const nic = nics.find((one) => one.mac === mac.toLowerCase())
  if (nic) return nic
  const has = nics.length === 0 ? 'it has none' : `it has ${nics.map((one) => one.mac).join(', ')}`
  throw new Fault('not-found', `server ${name} has no interface ${mac}: ${has}`)
}
