/** Accepting a resize or a cold migration: quota, placement, records and the flow, in one transaction or not at all. */
import { hardwareOf } from '../../compute/guest-spec.ts'
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { iso } from '../../core/time.ts'
import { rootImageOf } from '../../flows/guest-steps.ts'
import { openMigration } from '../../flows/moving.ts'
import { migrateServer, resizeServer } from '../../flows/resize-server.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { FlowRecord } from '../../model/flow.ts'
import { guard } from '../../model/guards.ts'
import type { Image } from '../../model/image.ts'
import type { Server } from '../../model/server.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { checkQuota } from '../quota/usage.ts'
import { chooseDestination } from './choose-destination.ts'

export interface MoveOrder {
  readonly type: 'resize' | 'cold'
  /** The server's own for a cold migration. */
  readonly flavor: FlavorCopy
  /** Only this host; the filters still run. */
  readonly host: string | undefined
  readonly own: boolean
}

/** Begins the move of a server; a refusal names the obstacle with its numbers and changes nothing. */
export async function acceptMove(tx: Transaction, server: Server, order: MoveOrder, context: Context): Promise<FlowRecord> {
  guard(order.type === 'resize' ? 'resize' : 'migrate', server)
  const sourceHost = await sourceOf(tx, server)
  if (order.host !== undefined && !holds(context, 'admin'))
    throw new Fault('forbidden', `naming a host (${order.host}) needs the role admin`, {
      hint: 'leave the choice to the scheduler',
    })
  const image = await rootImageOf(tx, server)
  await needOwnState(tx, server, sourceHost, image)
  checkDisks(server, order.flavor, image)
  await checkGrowth(tx, server, order.flavor)
  const destHost = await chooseDestination(tx, { server, ...order }, context)
  const at = iso(context.clock.wall())
  const oldVmState = server.vmState === 'stopped' ? 'stopped' : 'active'
  const { id: migrationId } = await tx.insert('migrations', {
    id: context.random.uuid(),
    serverId: server.id,
    projectId: server.projectId,
    type: order.type,
    status: 'migrating',
    open: true,
    sourceHost,
    destHost,
    oldFlavor: server.flavor,
    newFlavor: order.flavor,
    oldVmState,
    order: null,
    progress: null,
    options: null,
    result: null,
    reason: null,
    requestId: context.requestId,
    createdAt: at,
    updatedAt: at,
  })
  await changeServer(tx, server.id, { taskState: 'resize_prep' })
  const wasRunning = oldVmState === 'active'
  const timeoutMs = context.settings.shutdownTimeout * 1000
  const state = { migrationId, sourceHost, destHost, wasRunning, timeoutMs, sshPort: null }
  return context.flows.begin(tx, order.type === 'cold' ? migrateServer : resizeServer, {
    state,
    server,
    call: context,
    own: order.own,
  })
}

async function sourceOf(tx: Transaction, server: Server): Promise<string> {
  if (server.host === null)
    throw new Fault('conflict', `server ${server.name} has no host: its boot failed`, { hint: 'delete it and boot again' })
  const open = await openMigration(tx, server.id)
  if (!open) return server.host
  throw new Fault(
    'conflict',
    `server ${server.name} still has a move from ${open.sourceHost} to ${open.destHost} (${open.status})`,
    {
      hint: open.type === 'live' ? `nova migration abort ${server.name}` : `nova resize-revert ${server.name}`,
    },
  )
}

/** Firmware variables and TPMs lie outside of the guest's directory. Said here, and not when the guest was stopped. */
async function needOwnState(tx: Transaction, server: Server, sourceHost: string, image: Image | undefined): Promise<void> {
  const [host] = await tx.list('hosts', { where: { name: sourceHost }, limit: 1 })
  if (host?.driver !== 'libvirt') return
  const { firmware, tpm } = hardwareOf(server, image?.properties ?? [])
  const what = [...(firmware === 'bios' ? [] : ['UEFI variables']), ...(tpm === null ? [] : ['a TPM'])].join(' and ')
  if (what === '') return
  throw new Fault(
    'unsupported',
    `server ${server.name} has ${what}, which libvirt keeps on host ${sourceHost}: it cannot move while stopped`,
    { hint: 'nova live-migration moves it while it runs' },
  )
}

/** Disks never shrink: what the guest wrote at their end would be lost. */
function checkDisks(server: Server, flavor: FlavorCopy, image: Image | undefined): void {
  const { flavor: old } = server
  const rootOf = ({ disk }: FlavorCopy) => (disk > 0 ? disk : Math.ceil((image?.virtualSize ?? 0) / 1024 ** 3))
  const rows = [
    ['root disk', rootOf(old), rootOf(flavor)],
    ['ephemeral disk', old.ephemeral, flavor.ephemeral],
  ] as const
  for (const [what, has, gets] of rows) {
    if (gets >= has) continue
    const message = `flavor ${flavor.name} has ${gets} GB of ${what}, server ${server.name} has ${has} GB: disks cannot shrink`
    throw new Fault('invalid', message, { hint: 'choose a larger flavor: nova flavor list' })
  }
  if (image && image.minRam > flavor.ram)
    throw new Fault(
      'invalid',
      `flavor ${flavor.name} has ${flavor.ram} MB of memory, image ${image.name} needs ${image.minRam} MB`,
    )
}

/** Only what grows is asked for: a project over its quota may still shrink. */
const checkGrowth = (tx: Transaction, { flavor, projectId }: Server, wanted: FlavorCopy): Promise<void> =>
  checkQuota(tx, projectId, {
    cores: Math.max(0, wanted.vcpus - flavor.vcpus),
    ram: Math.max(0, wanted.ram - flavor.ram),
  })
