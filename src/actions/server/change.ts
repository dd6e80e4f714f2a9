import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guardLock } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import type { ServerView } from '../../model/server-view.ts'
import { type Context, writing } from '../context.ts'
import { find } from '../find.ts'
import { serverViews } from './server-flows.ts'

/** Changes fields of a server's record, notes it among the server's events, and shows the result. */
export async function changeRecord(
  reference: string,
  verb: string,
  context: Context,
  change: (server: Server) => Partial<Server>,
): Promise<ServerView> {
  const id = await writing(context, `server.${verb}`, async (tx) => {
    const server = await find(tx, 'servers', reference, context)
    guardLock(verb, server, holds(context, 'admin'))
    await changeServer(tx, server.id, { ...change(server), updatedAt: iso(context.clock.wall()) })
    await context.flows.note(tx, verb, { state: null, server, call: context })
    return server.id
  })
  const [view] = await serverViews([id], context)
  if (view) return view
  throw new Fault('not-found', `server ${reference} is gone`)
}
