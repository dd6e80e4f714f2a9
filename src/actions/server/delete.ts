import { object, z } from '../../core/schema.ts'
import { deleteServer } from '../../flows/delete-server.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { adoptedFault } from '../../model/guards.ts'
import { defineAction } from '../context.ts'
import { serversField, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

/** Legal in every state, but never for disks that are not ours: whatever runs on the server is pre-empted, and its owner's late commands are refused by the host. */
export const remove = defineAction({
  name: 'server.delete',
  summary: 'delete servers',
  effect: 'destroy',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(z.strictObject({ id: z.string(), name: z.string(), status: z.string() })),
  async run(input, context) {
    const ids = await operate(input.servers, 'delete', input.wait, context, async (tx, server, own) => {
      if (server.adopted !== null) throw adoptedFault('delete', server)
      await context.flows.preempt(tx, server.id, 'delete')
      await changeServer(tx, server.id, { taskState: 'deleting' })
      return context.flows.begin(tx, deleteServer, {
        state: null,
        server,
        call: context,
        own,
      })
    })
    const views = await serverViews(ids, context)
    return views.map(({ id, name, status }) => ({ id, name, status }))
  },
})
