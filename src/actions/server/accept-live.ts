/** Accepting a live migration: what the records and both hosts say against it, then its record and its flow in one transaction. */
import { asFault, Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { type LiveState, liveMigrateServer } from '../../flows/live-migrate-server.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FlowRecord } from '../../model/flow.ts'
import { guardLock } from '../../model/guards.ts'
import type { LiveOptions } from '../../model/migration.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, reading } from '../context.ts'
import { type LiveWish, liveOutlook, refusalOf } from './live-obstacles.ts'

/** The way that is safe everywhere: encrypted, with the hypervisor's own limits. */
export const plainLive: LiveOptions = {
  transport: 'tunnel',
  storage: null,
  maxDowntimeMs: null,
  bandwidth: null,
  autoConverge: false,
  postCopy: false,
}

/** Hosts that the scheduler may name one after another, when those before turn out not to move guests live. */
const mostHosts = 3

/** Where the server would go by a live move; one fault with every reason when it cannot. Changes nothing. */
export async function chooseLive(server: Server, host: string | undefined, context: Context): Promise<string> {
  const tried: string[] = []
  const found: Fault[] = []
  let source: Fault[] | undefined
  for (;;) {
    const wish = { host, tried }
    const { destHost, toAsk, obstacles } = await reading(context, (reader) => liveOutlook(reader, server, wish, context))
    source ??= await hostObstacles(server.host, context)
    const there = toAsk === null ? [] : await hostObstacles(toAsk, context)
    if (destHost !== null && there.length + source.length + obstacles.length === 0) return destHost
    const isLast = host !== undefined || tried.length + 1 === mostHosts || source.length + obstacles.length > 0
    if (destHost === null || isLast) throw refusalOf(server, [...obstacles, ...found, ...source, ...there])
    tried.push(destHost)
    found.push(...there)
  }
}

/** Whether a host answers and moves running guests at all. */
async function hostObstacles(host: string | null, context: Context): Promise<Fault[]> {
  if (host === null) return []
  const call = { host, method: 'capabilities', args: undefined, serverId: null, epoch: 0, signal: context.signal } as const
  const answer = await context.compute.call(call).catch((error: unknown) => asFault(error))
  if (answer instanceof Fault) return [answer]
  if (answer.includes('moveLive')) return []
  const message = `host ${host} moves no running servers: its driver has no such capability`
  return [new Fault('unsupported', message, { hint: 'nova migrate moves a server while it is shut down' })]
}

export interface LiveRequest extends LiveWish {
  /** Chosen by `chooseLive`; what changed since then refuses it. */
  readonly host: string
  readonly options: LiveOptions
  readonly own: boolean
}

/** Begins the live migration of a server; a refusal changes nothing. */
export async function acceptLive(tx: Transaction, server: Server, request: LiveRequest, context: Context): Promise<FlowRecord> {
  guardLock('live-migrate', server, holds(context, 'admin'))
  const { destHost, obstacles } = await liveOutlook(tx, server, { host: request.host }, context)
  if (destHost === null || server.host === null || obstacles.length > 0) throw refusalOf(server, obstacles)
  const at = iso(context.clock.wall())
  const sourceHost = server.host
  const { id: migrationId } = await tx.insert('migrations', {
    id: context.random.uuid(),
    serverId: server.id,
    projectId: server.projectId,
    type: 'live',
    status: 'queued',
    open: true,
    sourceHost,
    destHost,
    oldFlavor: server.flavor,
    newFlavor: server.flavor,
    oldVmState: server.vmState === 'paused' ? 'paused' : 'active',
    order: null,
    progress: null,
    options: request.options,
    result: null,
    reason: null,
    requestId: context.requestId,
    createdAt: at,
    updatedAt: at,
  })
  await changeServer(tx, server.id, { taskState: 'migrating' })
  const state: LiveState = {
    migrationId,
    sourceHost,
    destHost,
    wish: request.options,
    storage: null,
    sshPort: null,
    landed: false,
    leftover: null,
  }
  return context.flows.begin(tx, liveMigrateServer, { state, server, call: context, own: request.own })
}
