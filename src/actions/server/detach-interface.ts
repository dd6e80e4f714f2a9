import { object, reference, z } from '../../core/schema.ts'
import { detachInterface } from '../../flows/attach-interface.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { nicOf } from './attach-interface.ts'
import { waitField } from './operate.ts'
import { onlyView, operate } from './server-flows.ts'

export const detach = defineAction({
  name: 'server.detach-interface',
  summary: 'take a network interface from a server; a running guest must let go of it',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    mac: z
      .string()
      .max(17)
      .regex(/^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/)
      .describe('its hardware address, as in nova interface-list'),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    const ids = await operate([input.server], 'detach-interface', input.wait, context, async (tx, server, own) => {
      guard('detach-interface', server)
      const nic = nicOf(server, input.mac)
      await changeServer(tx, server.id, { taskState: 'detaching_interface' })
      return context.flows.begin(tx, detachInterface, { state: { nic }, server, call: context, own })
    })
    return onlyView(ids, context)
  },
})
