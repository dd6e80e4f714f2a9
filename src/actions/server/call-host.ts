import type { ComputeCalls, ComputeMethod } from '../../compute/client.ts'
import { Fault } from '../../core/fault.ts'
import type { Server } from '../../model/server.ts'
import type { Context } from '../context.ts'
import { readServer } from './server-flows.ts'

/** Asks the host of a server something that changes nothing; `conflict` when it has no host. */
export async function callHost<M extends ComputeMethod>(
  reference: string,
  method: M,
  args: ComputeCalls[M][0],
  context: Context,
): Promise<{ server: Server; host: string; result: ComputeCalls[M][1] }> {
  const server = await readServer(reference, context)
  if (server.host === null)
    throw new Fault('conflict', `server ${server.name} is on no host (${server.vmState})`, {
      hint: `nova server events ${server.name}`,
    })
  const call = { host: server.host, method, args, serverId: server.id, epoch: 0, signal: context.signal }
  return { server, host: server.host, result: await context.compute.call(call) }
}
