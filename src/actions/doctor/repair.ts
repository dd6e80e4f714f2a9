/** The doctor's repairs, one for each code that has one; every repair looks again before it acts. */
import { iso } from '../../core/time.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FindingCode } from '../../model/finding.ts'
import type { Server } from '../../model/server.ts'
import type { PowerState, VmState } from '../../model/states.ts'
import { type Context, writing } from '../context.ts'
import type { Diagnosis } from './diagnose.ts'

type Repair = (diagnosis: Diagnosis, context: Context) => Promise<void>

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
  await apply(diagnosis, context)
  return true
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
