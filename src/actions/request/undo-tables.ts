/** The tables whose records undo gives back: what of a record the actions say, and the guards that those actions keep. */
import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { hostNamed } from '../../flows/server-steps.ts'
import { guardLock } from '../../model/guards.ts'
import type { HostRecord } from '../../model/host.ts'
import type { Image } from '../../model/image.ts'
import type { Keypair } from '../../model/keypair.ts'
import type { Aggregate, ServerGroup } from '../../model/placement.ts'
import { limitOf, type QuotaRecord, quotaResources } from '../../model/quota.ts'
import type { Server } from '../../model/server.ts'
import type { TableName, Tables } from '../../model/tables.ts'
import type { Transaction } from '../../state/store.ts'
import { guardAggregate } from '../aggregate/change-aggregate.ts'
import { refuseWithHosts } from '../aggregate/delete.ts'
import type { Context } from '../context.ts'
import { find } from '../find.ts'
import { refuseSharedPath } from '../host/register-host.ts'
import { refuseWithServers } from '../host/remove.ts'
import { refuseUnseen } from '../host/set.ts'
import { bootPartId, findOwnImage, refusePublic } from '../image/find-image.ts'
import { checkOneMore as checkKeypairs } from '../keypair/add-keypair.ts'
import { refuseBelowUse } from '../quota/set.ts'
import { heldBy } from '../quota/usage.ts'
import { checkOneMore as checkGroups } from '../server-group/create.ts'

/** A record as it is and as it would be; null where it is not there. */
interface Turn<R> {
  readonly now: R | null
  readonly former: R | null
}

export interface UndoTable<N extends TableName> {
  readonly noun: string
  /** The fields that undoable actions write, where others write others; all when left out. */
  readonly fields?: readonly (keyof Tables[N] & string)[]
  /** Throws what the action that would make this turn by hand throws. The store itself keeps ids and unique names. */
  readonly guard?: (turn: Turn<Tables[N]>, tx: Transaction, context: Context) => Promise<void>
}

export const undoTables: { readonly [N in TableName]?: UndoTable<N> } = {
  flavors: { noun: 'flavor' },
  quotas: { noun: 'quota', guard: guardQuota },
  aggregates: { noun: 'aggregate', guard: guardHostsOf },
  keypairs: { noun: 'keypair', guard: guardKeypair },
  serverGroups: { noun: 'server-group', guard: guardGroup },
  services: { noun: 'service', fields: ['enabled', 'disabledReason', 'forcedDown'] },
  hosts: {
    noun: 'host',
    fields: [
      ...(['enabled', 'disabledReason', 'virtType', 'guestCpu', 'cpuAllocationRatio', 'ramAllocationRatio'] as const),
      ...(['diskAllocationRatio', 'reservedMemoryMb', 'reservedDiskGb'] as const),
    ],
    guard: guardHost,
  },
  images: {
    noun: 'image',
    fields: ['name', 'properties', 'minRam', 'minDisk', 'visibility', 'protected', 'kernelId', 'ramdiskId'],
    guard: guardImage,
  },
  servers: { noun: 'server', fields: ['name', 'metadata', 'lockedBy', 'lockedReason'], guard: guardServer },
}

async function guardQuota({ now, former }: Turn<QuotaRecord>, tx: Transaction, context: Context): Promise<void> {
  const projectId = (former ?? now)?.id ?? context.projectId
  const changed = quotaResources.flatMap((resource) => {
    const limit = limitOf(former ?? undefined, resource)
    return limit === limitOf(now ?? undefined, resource) ? [] : [[resource, limit] as const]
  })
  refuseBelowUse(new Map(changed), await heldBy(tx, projectId, context.userId), projectId)
}

async function guardHostsOf({ now, former }: Turn<Aggregate>, tx: Transaction, { settings }: Context): Promise<void> {
  if (!former) return now ? refuseWithHosts(now) : undefined
  for (const host of former.hosts) if (!now?.hosts.includes(host)) await hostNamed(tx, host)
  await guardAggregate(tx, now ?? { ...former, hosts: [] }, former, settings.defaultZone)
}

async function guardKeypair({ now, former }: Turn<Keypair>, tx: Transaction, context: Context): Promise<void> {
  const { name, userId } = former ?? now ?? { name: '', userId: '' }
  if (userId !== context.userId) throw new Fault('forbidden', `keypair "${name}" belongs to ${userId}`)
  if (!now) await checkKeypairs(tx, context)
}

async function guardGroup({ now, former }: Turn<ServerGroup>, tx: Transaction): Promise<void> {
  if (!now && former) await checkGroups(tx, former.projectId)
}

async function guardHost({ now, former }: Turn<HostRecord>, tx: Transaction): Promise<void> {
  if (now && !former) return refuseWithServers(tx, now.name)
  if (former && !now) return refuseSharedPath(tx, former)
  if (now && former?.enabled && !now.enabled) refuseUnseen(now)
}

async function guardImage({ now, former }: Turn<Image>, tx: Transaction, context: Context): Promise<void> {
  if (!now || !former) throw new Fault('unsupported', 'images come and go with their bytes')
  if (now.deleted) throw new Fault('conflict', `image "${now.name}" was deleted`)
  await findOwnImage(tx, now.id, context)
  if (former.visibility !== now.visibility) refusePublic(former.visibility, context)
  if (former.kernelId !== now.kernelId) await bootPartId(tx, 'kernel', former.kernelId ?? undefined, context)
  if (former.ramdiskId !== now.ramdiskId) await bootPartId(tx, 'ramdisk', former.ramdiskId ?? undefined, context)
}

async function guardServer({ now, former }: Turn<Server>, tx: Transaction, context: Context): Promise<void> {
  if (!now || !former) throw new Fault('unsupported', 'servers come and go with their guests')
  if (now.deleted) throw new Fault('conflict', `server ${now.name} was deleted`)
  await find(tx, 'servers', now.id, context)
  const isUnlock = now.lockedBy !== null && former.lockedBy === null
  guardLock(isUnlock ? 'unlock' : 'undo', now, holds(context, 'admin'))
}
