/** Accepting an evacuation: the image, the placement, the record and the flow, in one transaction or not at all. */
import { Fault } from '../../core/fault.ts'
import { evacuateServer } from '../../flows/evacuate-server.ts'
import { openMigration } from '../../flows/moving.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FlowRecord } from '../../model/flow.ts'
import { guard } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import type { Reader, Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { checkImage } from './accept-boot.ts'
import { chooseDestination } from './choose-destination.ts'

export interface Evacuation {
  /** The host that was found silent; the server must still be there. */
  readonly sourceHost: string
  /** Only this host; the filters still run. */
  readonly host: string | undefined
  readonly evidence: string
  readonly own: boolean
}

/** Begins the evacuation of a server; from here on its record and its claim are on the new host. */
export async function acceptEvacuation(
  tx: Transaction,
  server: Server,
  order: Evacuation,
  context: Context,
): Promise<FlowRecord> {
  const { sourceHost, evidence, own } = order
  if (server.host !== sourceHost)
    throw new Fault('conflict', `server ${server.name} is on host ${server.host ?? '(none)'}, not on ${sourceHost}`)
  await needEvacuable(tx, server)
  const wish = { server, type: 'cold', flavor: server.flavor, host: order.host } as const
  const destHost = await chooseDestination(tx, wish, context)
  await closeDeadHost(tx, sourceHost, evidence)
  await changeServer(tx, server.id, { host: destHost, taskState: 'rebuilding', rootImageId: null })
  const state = { sourceHost, destHost, evidence, wasStopped: server.vmState === 'stopped', ...oldFields(server) }
  return context.flows.begin(tx, evacuateServer, { state, server, call: context, own })
}

/** What the undo writes back. */
const oldFields = ({ nics, rootImageId }: Server) => ({ nics, rootImageId })

/** Refuses a server that no evacuation can bring back: its state, an open move, or no image to make its disk of. */
export async function needEvacuable(reader: Reader, server: Server): Promise<void> {
  guard('evacuate', server)
  const move = await openMigration(reader, server.id)
  if (move)
    throw new Fault(
      'conflict',
      `server ${server.name} still has a move from ${move.sourceHost} to ${move.destHost} (${move.status})`,
      { hint: `nova resize-confirm or nova resize-revert ${server.name}` },
    )
  await needImage(reader, server)
}

/** A host that comes back holds stale copies: it takes no servers until somebody has looked and enables it. */
export async function closeDeadHost(tx: Transaction, name: string, evidence: string): Promise<void> {
  const [host] = await tx.list('hosts', { where: { name, enabled: true } })
  if (host) await tx.update('hosts', { ...host, enabled: false, disabledReason: `evacuated: ${evidence}`.slice(0, 255) })
}

async function needImage(reader: Reader, server: Server): Promise<void> {
  const image = server.imageId === null ? undefined : await reader.get('images', server.imageId)
  if (!image || image.deleted)
    throw new Fault('not-found', `server ${server.name} has no image to make its disk from: its disks are on ${server.host}`, {
      hint: 'bring that host back, or delete the server',
    })
  checkImage(image, server.flavor)
}
