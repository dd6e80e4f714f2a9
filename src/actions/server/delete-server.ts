/** The two ways of a delete: for good, or kept for a while so that it can be restored. */
import { Fault } from '../../core/fault.ts'
import { z } from '../../core/schema.ts'
import { deleteServer } from '../../flows/delete-server.ts'
import { openMigration } from '../../flows/moving.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FlowRecord } from '../../model/flow.ts'
import { adoptedFault } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { beginOperation } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const goneServers = z.array(z.strictObject({ id: z.string(), name: z.string(), status: z.string() }))

type Begin = (tx: Transaction, server: Server, own: boolean) => Promise<FlowRecord>

/** Deletes servers by `begin`; resolves with what they are then. Never for disks that are not ours. */
export async function deleteEach(
  verb: 'delete' | 'force-delete' | 'reclaim',
  { servers, wait }: { readonly servers: readonly string[]; readonly wait: boolean },
  context: Context,
  begin: Begin = (tx, server, own) => beginDelete(tx, server, own, context),
): Promise<z.infer<typeof goneServers>> {
  const ids = await operate(servers, verb, wait, context, (tx, server, own) => {
    if (server.adopted !== null) throw adoptedFault('delete', server)
    return begin(tx, server, own)
  })
  return (await serverViews(ids, context)).map(({ id, name, status }) => ({ id, name, status }))
}

/** Legal in every state: whatever runs on the server is pre-empted, and its owner's late commands are refused by the host. */
export async function beginDelete(tx: Transaction, server: Server, own: boolean, context: Context): Promise<FlowRecord> {
  await context.flows.preempt(tx, server.id, 'delete')
  await changeServer(tx, server.id, { taskState: 'deleting' })
  return context.flows.begin(tx, deleteServer, { state: null, server, call: context, own })
}

/** A server that never ran has nothing to restore. */
export const isKept = ({ launchedAt }: Server, { settings }: Context): boolean =>
  settings.reclaimInstanceInterval > 0 && launchedAt !== null

/** `conflict` in the midst of a move or a rebuild, which nobody could restore. */
export async function beginSoftDelete(tx: Transaction, server: Server, own: boolean, context: Context): Promise<FlowRecord> {
  const move = await openMigration(tx, server.id)
  if (move && move.status !== 'finished')
    throw new Fault('conflict', `cannot soft-delete server ${server.name}: its move to ${move.destHost} is ${move.status}`, {
      hint: `wait for it, or nova force-delete ${server.name}`,
    })
  const flow = await beginOperation(tx, 'soft-delete', server, own, context)
  await changeServer(tx, server.id, { stateBeforeDelete: move ? 'resized' : server.vmState })
  return flow
}
