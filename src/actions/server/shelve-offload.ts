import { object, z } from '../../core/schema.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { offloadServer } from '../../flows/shelve-server.ts'
import { guard, needNoDisks } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { serversField, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const shelveOffload = defineAction({
  name: 'server.shelve-offload',
  summary: 'remove shelved servers from their hosts; their images stay',
  effect: 'write',
  policy: 'admin',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(serverView),
  run: async (input, context) => serverViews(await offload(input.servers, input.wait, context), context),
})

/** Lets shelved servers leave their hosts; resolves with their ids. */
export const offload = (references: readonly string[], wait: boolean, context: Context): Promise<readonly string[]> =>
  operate(references, 'shelve-offload', wait, context, async (tx: Transaction, server: Server, own: boolean) => {
    guard('shelve-offload', server)
    needNoDisks('shelve-offload', server)
    await changeServer(tx, server.id, { taskState: 'shelving_offloading' })
    return context.flows.begin(tx, offloadServer, { state: null, server, call: context, own })
  })
