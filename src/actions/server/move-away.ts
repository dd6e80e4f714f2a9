/**
 * One server to another host, live when it runs and both sides can, else by cold migration to its confirmed end; and the same for
 * one whose earlier call was cut off before the confirm.
 */
import { asFault, Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { openMigration } from '../../flows/moving.ts'
import type { ResizeState } from '../../flows/resize-server.ts'
import { guardLock } from '../../model/guards.ts'
import type { Migration } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import type { Reader, Transaction } from '../../state/store.ts'
import { type Context, reading, writing } from '../context.ts'
import { acceptLive, chooseLive, plainLive } from './accept-live.ts'
import { acceptMove } from './accept-move.ts'
import { endMove } from './end-move.ts'
import type { BegunMove } from './move-each.ts'

/** Actions that confirm their moves by themselves. */
export type Mover = 'host.drain' | 'host.rebalance'
const movers: readonly string[] = ['host.drain', 'host.rebalance'] satisfies Mover[]

/** Leaves the request that tells its moves from those that a person has to confirm. */
export async function recordMover(tx: Transaction, action: Mover, about: string, context: Context): Promise<void> {
  await tx.insert('requests', {
    id: context.requestId,
    projectId: context.projectId,
    userId: context.userId,
    action,
    serverName: about,
    serverIds: [],
    idempotencyKey: null,
    inputHash: null,
    decisions: [],
    fault: null,
    createdAt: iso(context.clock.wall()),
  })
}

export interface Away {
  readonly action: Mover
  readonly host?: string
  /** Whether a running server that cannot move live is shut down for its move. */
  readonly mayShutDown: boolean
}

/** Begins the move, or takes up one that only lacks its confirm; every refusal is the scheduler's or the guard's own. */
export async function moveAway(id: string, away: Away, context: Context): Promise<BegunMove> {
  const { server, waits } = await reading(context, async (reader) => {
    const found = await serverNamed(reader, id)
    const open = await openMigration(reader, id)
    return { server: found, waits: open !== undefined && (await waitsForUs(reader, open, found)) }
  })
  guardLock('migrate', server, holds(context, 'admin'))
  const runs = server.vmState === 'active' || server.vmState === 'paused'
  if (!runs || waits) return moveCold(id, away, context)
  const choice = await chooseLive(server, away.host, context).catch((error: unknown) => asFault(error))
  if (typeof choice === 'string') return moveLive(id, choice, away, context)
  if (!away.mayShutDown || server.vmState === 'paused') throw choice
  return { ...(await moveCold(id, away, context)), whyCold: choice.message }
}

async function moveLive(id: string, host: string, { action }: Away, context: Context): Promise<BegunMove> {
  const flow = await writing(context, action, async (tx) =>
    acceptLive(tx, await serverNamed(tx, id), { host, options: plainLive, own: true }, context),
  )
  const finish = async () => {
    await context.flows.run(flow.id)
  }
  return { to: host, how: 'live', finish }
}

async function moveCold(id: string, { host, action }: Away, context: Context): Promise<BegunMove> {
  const confirm = async () => {
    await endMove('confirm', [id], true, context)
  }
  return writing(context, action, async (tx) => {
    const server = await serverNamed(tx, id)
    const open = await openMigration(tx, id)
    if (open && (await waitsForUs(tx, open, server))) return { to: open.destHost, how: 'cold', finish: confirm }
    const flow = await acceptMove(tx, server, { type: 'cold', flavor: server.flavor, host, own: true }, context)
    const finish = async () => {
      await context.flows.run(flow.id)
      await confirm()
    }
    return { to: (flow.state as ResizeState).destHost, how: 'cold', finish }
  })
}

async function serverNamed(reader: Reader, id: string): Promise<Server> {
  const server = await reader.get('servers', id)
  if (server && !server.deleted) return server
  throw new Fault('not-found', `server ${server?.name ?? id} is gone`)
}

/** Only a move that this kind of action began itself: a person's own waits for that person. */
async function waitsForUs(reader: Reader, { type, status, requestId }: Migration, { taskState }: Server): Promise<boolean> {
  if (type !== 'cold' || taskState !== null || !['finished', 'confirming'].includes(status)) return false
  return movers.includes((await reader.get('requests', requestId))?.action ?? '')
}
