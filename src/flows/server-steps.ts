/** What the steps of several flows share: reading and changing one server, and calling its host. */
import type { ComputeCalls, ComputeMethod, ComputeRequest } from '../compute/client.ts'
import { asFault, Fault } from '../core/fault.ts'
import { iso } from '../core/time.ts'
import type { HostRecord } from '../model/host.ts'
import type { Server } from '../model/server.ts'
import type { Reader, Transaction } from '../state/store.ts'
import type { StepRun, Tools } from './flow.ts'

/** The server's record; `not-found` when it is gone. */
export async function serverOf(reader: Reader, id: string): Promise<Server> {
  const server = await reader.get('servers', id)
  if (server) return server
  throw new Fault('not-found', `server ${id} is gone`)
}

/** The record of the host that holds a server. */
export async function hostOf(reader: Reader, server: Server): Promise<HostRecord> {
  const [host] = server.host === null ? [] : await reader.list('hosts', { where: { name: server.host } })
  if (host) return host
  throw new Fault('not-found', `server ${server.name} is on host ${server.host ?? '(none)'}, which is not known`)
}

/** A host's record by its name; `not-found` when nobody knows it. */
export async function hostNamed(reader: Reader, name: string): Promise<HostRecord> {
  const [host] = await reader.list('hosts', { where: { name } })
  if (host) return host
  throw new Fault('not-found', `host ${name} is not known`)
}

/** Writes fields of a server that exists; silent when it is gone. */
export async function changeServer(tx: Transaction, id: string, change: Partial<Server>): Promise<void> {
  const server = await tx.get('servers', id)
  if (server) await tx.update('servers', { ...server, ...change })
}

export const setFault = (fault: Fault, tools: Pick<Tools, 'clock'>): Pick<Server, 'fault'> => ({
  fault: { kind: fault.kind, message: fault.message, at: iso(tools.clock.wall()) },
})

/** A server that was made anew runs, or is stopped when it was. */
export async function runsAsBefore(
  tx: Transaction,
  id: string,
  wasStopped: boolean,
  { clock }: Pick<Tools, 'clock'>,
): Promise<void> {
  const at = iso(clock.wall())
  const after = wasStopped
    ? ({ vmState: 'stopped', powerState: 'shutdown' } as const)
    : ({ vmState: 'active', powerState: 'running', launchedAt: at } as const)
  await changeServer(tx, id, { ...after, taskState: null, fault: null, updatedAt: at })
}

/** The ends of a flow whose steps say themselves what the server is: it is busy no more, and shows why it failed. */
export const restEnds = {
  async finish(tx: Transaction, _: unknown, server: Server | undefined, { clock }: Pick<Tools, 'clock'>): Promise<void> {
    if (server) await changeServer(tx, server.id, { taskState: null, fault: null, updatedAt: iso(clock.wall()) })
  },
  async giveUp(
    tx: Transaction,
    _: unknown,
    server: Server | undefined,
    fault: Fault,
    tools: Pick<Tools, 'clock'>,
  ): Promise<void> {
    if (server) await changeServer(tx, server.id, { taskState: null, ...setFault(fault, tools) })
  },
}

/**
 * Reads what a step needs of its own server: its owner committed the step before, and sees at least that. Who took the flow away meanwhile
 * is met by the host's fence and by the next commit, however new the read is.
 */
export const seen = <T>({ tools: { store } }: StepRun<unknown>, body: (reader: Reader) => Promise<T>): Promise<T> =>
  store.recall ? store.recall(body) : store.read(body)

/**
 * Calls the host that holds the server. A fault names that host in its details, so that a retry can avoid it.
 * A server without a host has nothing to call: undo of a boot that never got one.
 */
export async function onHost<M extends ComputeMethod>(
  run: StepRun<unknown>,
  method: M,
  args: ComputeCalls[M][0],
  more: CallOptions = {},
): Promise<ComputeCalls[M][1]> {
  const server = await seen(run, (reader) => serverOf(reader, run.serverId))
  if (server.host === null) throw new Fault('conflict', `server ${server.name} has no host`)
  return onHostNamed(run, server.host, method, args, more)
}

/** For calls that move much. */
type CallOptions = Pick<ComputeRequest, 'deadlineMs' | 'onProgress'>

/** Calls a host by its name, for flows that touch two. */
export async function onHostNamed<M extends ComputeMethod>(
  run: StepRun<unknown>,
  host: string,
  method: M,
  args: ComputeCalls[M][0],
  more: CallOptions = {},
): Promise<ComputeCalls[M][1]> {
  try {
    return await run.tools.compute.call({
      ...more,
      host,
      method,
      args,
      serverId: run.serverId,
      epoch: run.epoch,
      signal: run.signal,
      onCommands: run.commands,
    })
  } catch (error) {
    const fault = asFault(error)
    throw new Fault(fault.kind, fault.message, {
      ...(fault.hint ? { hint: fault.hint } : {}),
      details: { host, method },
      cause: error,
    })
  }
}
