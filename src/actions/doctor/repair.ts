/** The doctor's repairs, one for each code that has one; every repair looks again before it acts. */

import { guestImage } from '../../compute/guest-spec.ts'
import { iso } from '../../core/time.ts'
import type { TidyOrder } from '../../drivers/driver.ts'
import { isAlive } from '../../flows/live-sides.ts'
import { openMigration } from '../../flows/moving.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { FindingCode } from '../../model/finding.ts'
import type { Server } from '../../model/server.ts'
import { type Context, writing } from '../context.ts'
import { readInventory } from '../host/read-inventory.ts'
import { asFound } from '../server/as-found.ts'
import { endMove } from '../server/end-move.ts'
import type { Diagnosis } from './diagnosis.ts'
import { begunEnd } from './judge-moves.ts'
import { shares } from './look.ts'

/** Resolves with false when another look showed that it must not be done. */
type Repair = (diagnosis: Diagnosis, context: Context) => Promise<unknown>

const repairs: Partial<Record<FindingCode, Repair>> = {
  NVD002: destroyLeftover,
  NVD003: (diagnosis, context) =>
    amend(diagnosis, context, () => ({
      vmState: 'error',
      powerState: 'shutdown',
      fault: { kind: 'not-found', message: diagnosis.message, at: iso(context.clock.wall()) },
    })),
  NVD004: (diagnosis, context) => amend(diagnosis, context, () => ({ host: diagnosis.host })),
  NVD005: leaveOneCopy,
  NVD006: (diagnosis, context) =>
    amend(diagnosis, context, (server) => (diagnosis.guest ? asFound(server, diagnosis.guest.powerState) : {})),
  NVD007: (diagnosis, context) => amend(diagnosis, context, () => ({ taskState: null }), true),
  NVD008: async (_, context) => {
    await context.flows.adopt({ handedOver: true })
  },
  NVD013: clearAway,
  NVD014: clearAway,
  NVD015: clearAway,
  NVD016: bringImage,
  NVD018: async (diagnosis, context) =>
    (await clearAway(diagnosis, context)) && (diagnosis.digest === null || (await bringImage(diagnosis, context))),
  NVD019: ({ serverId }, context) => endMove('confirm', serverId === null ? [] : [serverId], true, context),
  NVD021: recordInventory,
  NVD022: recordInventory,
  NVD023: clearAway,
  NVD024: clearAway,
  NVD025: endHalfEnded,
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

/** The record is deleted for good, so its epoch is the newest there is: the store's revision. */
async function destroyLeftover({ host, serverId }: Diagnosis, context: Context): Promise<void> {
  if (host === null || serverId === null) return
  const epoch = await context.store.read(async (reader) => reader.revision)
  await context.compute.call({ host, method: 'destroy', args: undefined, serverId, epoch, signal: context.signal })
}

/** A move that began to go back ends that way; else only what an evacuation or a live move left behind goes. */
async function leaveOneCopy(diagnosis: Diagnosis, context: Context): Promise<unknown> {
  const { serverId } = diagnosis
  const move = serverId === null ? undefined : await context.store.read((reader) => openMigration(reader, serverId))
  return move?.status === 'reverting' ? endHalfEnded(diagnosis, context) : destroyStaleCopies(diagnosis, context)
}

/** The way that the move has begun, if it is still on it. */
async function endHalfEnded({ serverId }: Diagnosis, context: Context): Promise<unknown> {
  const move = serverId === null ? undefined : await context.store.read((reader) => openMigration(reader, serverId))
  const way = move && begunEnd(move)
  return serverId !== null && way !== undefined && endMove(way, [serverId], true, context)
}

/**
 * Nothing is destroyed unless the record still names the same host, nothing works on the server or moves it, and that host
 * says that it holds the guest; a copy that runs while that one does not stays. The epoch is the newest there is, so no older operation can make the copy again.
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
  for (const stale of staleHosts.filter((name) => name !== host)) {
    const copy = await context.compute.call({ ...call, host: stale, method: 'inspect', epoch: 0 })
    if (isAlive(copy) && !isAlive(kept)) return false
    const isShared = await shares(serverId, host, stale, context)
    if (isShared === undefined) return false
    // The files of that copy are the guest's own.
    if (isShared) await context.compute.call({ ...call, host: stale, method: 'leave', args: { storage: 'shared' }, epoch })
    else await context.compute.call({ ...call, host: stale, method: 'destroy', epoch })
  }
  return true
}

/** Whom the order is about: the record may have come, or an operation begun, since the host was looked at. */
const guestOfOrder = (order: TidyOrder) =>
  order.what === 'release' ? order.owner : /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(order.path)?.[0]

async function clearAway({ code, host, orders }: Diagnosis, context: Context): Promise<boolean> {
  if (host === null) return false
  const safe = await context.store.read(async (reader) => {
    const wanted = await Promise.all(
      orders.map(async (order) => {
        const id = order.what === 'sweep' ? undefined : guestOfOrder(order)
        if (id === undefined) return false
        const server = await reader.get('servers', id)
        const flows = await reader.list('flows', { where: { serverId: id, open: true }, limit: 1 })
        const isNew = code === 'NVD013' && server !== undefined && !server.deleted
        return isNew || flows.length > 0 || (await openMigration(reader, id)) !== undefined
      }),
    )
    return orders.filter((_, index) => !wanted[index])
  })
  const call = { host, serverId: null, epoch: 0, signal: context.signal }
  const done = await context.compute.call({ ...call, method: 'tidy', args: { orders: safe } })
  return done.length === orders.length
}

async function bringImage({ host, digest }: Diagnosis, context: Context): Promise<boolean> {
  if (host === null || digest === null) return false
  const images = await context.store.read((reader) => reader.list('images', { where: { deleted: false } }))
  const image = images.find(({ checksum, status }) => checksum === digest && status === 'active')
  if (!image || !(await context.images.has(digest))) return false
  const args = { image: guestImage(image), localPath: context.images.path(digest) }
  await context.compute.call({ host, method: 'cacheImage', args, serverId: null, epoch: 0, signal: context.signal })
  return true
}

async function recordInventory({ host }: Diagnosis, context: Context): Promise<boolean> {
  const [record] = await context.store.read((reader) => reader.list('hosts', { where: { name: host ?? '' }, limit: 1 }))
  if (!record) return false
  await readInventory(context, 'doctor.run', record)
  return true
}
