/** The doctor's repairs, one for each code that has one; every repair looks again before it acts. */
import { iso } from '../../core/time.ts'
import { openMigration } from '../../flows/moving.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FindingCode } from '../../model/finding.ts'
import type { Server } from '../../model/server.ts'
import type { PowerState, VmState } from '../../model/states.ts'
import { type Context, writing } from '../context.ts'
import type { Diagnosis } from './diagnose.ts'

/** Resolves with false when another look showed that it must not be done. */
type Repair = (diagnosis: Diagnosis, context: Context) => Promise<unknown>

/** The stable state that a power state stands for. */
const vmStateOf: Partial<Record<PowerState, VmState>> = {
  running: 'active',
  paused: 'paused',
  shutdown: 'stopped',
  crashed: 'stopped',
  suspended: 'suspended',
}

const repairs: Partial<Record<FindingCode, Repair>> = {
  NVD002: destroyLeftover,
  NVD003: (diagnosis, context) =>
    amend(diagnosis, context, () => ({
      vmState: 'error',
      powerState: 'shutdown',
      fault: { kind: 'not-found', message: diagnosis.message, at: iso(context.clock.wall()) },
    })),
  NVD004: (diagnosis, context) => amend(diagnosis, context, () => ({ host: diagnosis.host })),
  NVD005: destroyStaleCopies,
  NVD006: (diagnosis, context) => amend(diagnosis, context, (server) => asFound(server, diagnosis.guest?.powerState)),
  NVD007: (diagnosis, context) => amend(diagnosis, context, () => ({ taskState: null }), true),
  NVD008: async (_, context) => {
    await context.flows.adopt({ handedOver: true })
  },
}

/** Repairs what can be repaired; resolves with whether it did. */
export async function repair(diagnosis: Diagnosis, context: Context): Promise<boolean> {
  const apply = diagnosis.repair === null ? undefined : repairs[diagnosis.code]
  if (!apply) return false
  return (await apply(diagnosis, context)) !== false
}

/** Changes the record, unless an operation began in the meantime. */
async function amend(
  diagnosis: Diagnosis,
  context: Context,
  change: (server: Server) => Partial<Server>,
  whileBusy = false,
): Promise<void> {
  await writing(context, 'doctor.run', async (tx) => {
    const server = await tx.get('servers', diagnosis.serverId ?? '')
    if (!server || server.deleted || (server.taskState !== null && !whileBusy)) return
    const open = await tx.list('flows', { where: { serverId: server.id, open: true }, limit: 1 })
    if (open.length === 0) await changeServer(tx, server.id, { ...change(server), updatedAt: iso(context.clock.wall()) })
  })
}

function asFound(server: Server, powerState: PowerState | undefined): Partial<Server> {
  if (powerState === undefined) return {}
  // A move waits for its end whatever the guest does.
  if (server.vmState === 'resized') return { powerState }
  const stable = server.vmState === 'rescued' && powerState === 'running' ? 'rescued' : vmStateOf[powerState]
  return { powerState, ...(stable === undefined ? {} : { vmState: stable }) }
}

/** The record is deleted for good, so its epoch is the newest there is: the store's revision. */
async function destroyLeftover({ host, serverId }: Diagnosis, context: Context): Promise<void> {
  if (host === null || serverId === null) return
  const epoch = await context.store.read(async (reader) => reader.revision)
  await context.compute.call({ host, method: 'destroy', args: undefined, serverId, epoch, signal: context.signal })
}

/**
 * Nothing is destroyed unless the record still names the same host, nothing works on the server or moves it, and that host
 * says that it holds the guest. The epoch is the newest there is, so no older operation can make the copy again.
 */
async function destroyStaleCopies({ serverId, host, staleHosts }: Diagnosis, context: Context): Promise<boolean> {
  if (host === null || serverId === null) return false
  const epoch = await context.store.read(async (reader) => {
    const server = await reader.get('servers', serverId)
    const busy = await reader.list('flows', { where: { serverId, open: true }, limit: 1 })
    const isQuiet = server?.host === host && !server.deleted && server.taskState === null && busy.length === 0
    return isQuiet && !(await openMigration(reader, serverId)) ? reader.revision : undefined
  })
  if (epoch === undefined) return false
  const call = { serverId, args: undefined, signal: context.signal }
  const kept = await context.compute.call({ ...call, host, method: 'inspect', epoch: 0 }).catch(() => null)
  if (kept === null) return false
  for (const stale of staleHosts.filter((name) => name !== host))
    await context.compute.call({ ...call, host: stale, method: 'destroy', epoch })
  return true
}
