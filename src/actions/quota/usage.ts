/** What a project uses, always counted from its records, and the one check that keeps it below its limits. */
import { Fault } from '../../core/fault.ts'
import { byServer, countedFlavor } from '../../model/migration.ts'
import { limitOf, type QuotaResource, quotaResources } from '../../model/quota.ts'
import type { Server } from '../../model/server.ts'
import type { Reader } from '../../state/store.ts'

/** Amounts that servers take; ram in MiB. */
export interface ServerAmounts {
  readonly instances: number
  readonly cores: number
  readonly ram: number
}

/** A soft-deleted server takes nothing of the quota, though its claim stays; one that is being restored does already. */
const isCounted = ({ vmState, taskState }: Server) => vmState !== 'soft-delete' || taskState === 'restoring'

/** What the project's servers take now; a server counts until it is deleted, whatever its state. */
export async function usageOf(reader: Reader, projectId: string): Promise<ServerAmounts> {
  const servers = (await reader.list('servers', { where: { projectId, deleted: false } })).filter(isCounted)
  const moving = byServer(await reader.list('migrations', { where: { open: true } }))
  const flavors = servers.map((server) => countedFlavor(server, moving.get(server.id)))
  return {
    instances: servers.length,
    cores: flavors.reduce((sum, flavor) => sum + flavor.vcpus, 0),
    ram: flavors.reduce((sum, flavor) => sum + flavor.ram, 0),
  }
}

/** How much of each resource is asked for. */
export type Wanted = { readonly [resource in QuotaResource]?: number }

/**
 * Throws `over-quota` when the project would have more than its limits with `want` on top.
 * Call it in the transaction that writes the records. Limits of one request (metadata_items …) count from zero.
 */
export async function checkQuota(reader: Reader, projectId: string, want: Wanted): Promise<void> {
  const record = await reader.get('quotas', projectId)
  const limited = quotaResources
    .map((resource) => ({ resource, wanted: want[resource] ?? 0, limit: limitOf(record, resource) }))
    .filter(({ wanted, limit }) => wanted > 0 && limit >= 0)
  // adding up a large project costs: only for amounts that servers take and that have a limit
  const used = limited.some(({ resource }) => isServerAmount(resource)) ? await usageOf(reader, projectId) : nothing
  for (const { resource, wanted, limit } of limited) {
    const held = isServerAmount(resource) ? used[resource] : 0
    if (held + wanted > limit) throw overQuota(`project ${projectId}`, resource, held, wanted, limit)
  }
}

const nothing: ServerAmounts = { instances: 0, cores: 0, ram: 0 }
const isServerAmount = (resource: QuotaResource): resource is keyof ServerAmounts & QuotaResource =>
  Object.hasOwn(nothing, resource)

function overQuota(who: string, resource: QuotaResource, used: number, wanted: number, limit: number): Fault {
  const unit = resource === 'ram' ? ' MB of' : ''
  const noun = resource.replaceAll('_', ' ')
  return new Fault('over-quota', `${who} would have ${used + wanted}${unit} ${noun}, the limit is ${limit} (${used} in use)`, {
    hint: 'nova quota show lists limits and use',
    details: { resource, limit, used, wanted },
  })
}

/** Throws `over-quota` when one more of `resource` would pass the project's limit; `who` holds `used` of them. */
export async function checkCount(
  reader: Reader,
  projectId: string,
  resource: QuotaResource,
  used: number,
  who = `project ${projectId}`,
): Promise<void> {
  const limit = limitOf(await reader.get('quotas', projectId), resource)
  if (limit < 0 || used + 1 <= limit) return
  throw overQuota(who, resource, used, 1, limit)
}

/** Every countable resource that the project, or for key pairs the user, holds; others are null. */
export async function heldBy(reader: Reader, projectId: string, userId: string): Promise<ReadonlyMap<QuotaResource, number>> {
  const { instances, cores, ram } = await usageOf(reader, projectId)
  return new Map<QuotaResource, number>([
    ['instances', instances],
    ['cores', cores],
    ['ram', ram],
    ['key_pairs', await reader.count('keypairs', { where: { userId } })],
    ['server_groups', await reader.count('serverGroups', { where: { projectId } })],
  ])
}
