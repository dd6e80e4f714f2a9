/** What the server actions share: finding servers, beginning their flows, waiting for them, and showing them. */
import { asFault, Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { guardLock } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { type ServerView, viewOfServer } from '../../model/server-view.ts'
import type { Reader, Transaction } from '../../state/store.ts'
import { type Context, reading, writing } from '../context.ts'
import { find } from '../find.ts'

/** What is done to soft-deleted servers in the first place. */
const ofSoftDeleted: readonly string[] = ['restore', 'force-delete']

/** Flows of one call that run side by side. */
const maxParallel = 8

/** Works flows to their ends, some at a time; throws the first fault, with how many of how many failed. */
export async function finishAll(flowIds: readonly string[], context: Context): Promise<void> {
  const faults: Fault[] = []
  const queue = [...flowIds]
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift())
      await context.flows.run(id).catch((error) => faults.push(asFault(error)))
  }
  await Promise.all(Array.from({ length: context.plan ? 1 : Math.min(maxParallel, flowIds.length) }, worker))
  const [first] = faults
  if (!first) return
  if (flowIds.length === 1) throw first
  throw new Fault(first.kind, `${faults.length} of ${flowIds.length} failed; the first: ${first.message}`, first)
}

/**
 * Begins one flow for each of the servers that are named, all in one transaction (an unknown name begins nothing),
 * then waits for them, or leaves them to a process of their own.
 */
export async function operate(
  references: readonly string[],
  verb: string,
  wait: boolean,
  context: Context,
  beginFlow: (tx: Transaction, server: Server, own: boolean) => Promise<{ readonly id: string }>,
): Promise<readonly string[]> {
  const own = wait || context.plan
  const begun = await writing(context, `server.${verb}`, async (tx) => {
    const flows: { flowId: string; serverId: string }[] = []
    for (const reference of new Set(references)) {
      const server = await find(tx, 'servers', reference, context, ofSoftDeleted.includes(verb))
      guardLock(verb, server, holds(context, 'admin'))
      flows.push({ flowId: (await beginFlow(tx, server, own)).id, serverId: server.id })
    }
    return flows
  })
  if (own)
    await finishAll(
      begun.map((flow) => flow.flowId),
      context,
    )
  else await context.background()
  return begun.map((flow) => flow.serverId)
}

/** Views of servers by id, in that order; a server that is gone is left out. */
export async function serverViews(ids: readonly string[], context: Context): Promise<ServerView[]> {
  return context.store.read(async (reader) => {
    const servers = await Promise.all(ids.map((id) => reader.get('servers', id)))
    return viewsOf(
      reader,
      servers.filter((server) => server !== undefined),
    )
  })
}

/** The view of the only server; `not-found` when it is gone by now. */
export async function onlyView(ids: readonly string[], context: Context): Promise<ServerView> {
  const [view] = await serverViews(ids, context)
  if (view) return view
  throw new Fault('not-found', `server ${ids[0] ?? '(none)'} is gone`)
}

/** Views of servers with their images' names. */
export async function viewsOf(reader: Reader, servers: readonly Server[]): Promise<ServerView[]> {
  const names = new Map<string, string | null>()
  for (const { imageId } of servers) {
    if (imageId !== null && !names.has(imageId)) names.set(imageId, (await reader.get('images', imageId))?.name ?? null)
  }
  return servers.map((server) => viewOfServer(server, server.imageId === null ? null : (names.get(server.imageId) ?? null)))
}

/** One server by name or id, at the moment the caller asked for. */
export const readServer = (reference: string, context: Context) =>
  reading(context, (reader) => find(reader, 'servers', reference, context))
