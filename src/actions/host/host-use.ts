/** What the servers on each host were promised, added up from the records. */
import { claimedDisk } from '../../compute/guest-spec.ts'
import { type HostRecord, type HostUse, type HostView, viewOfHost } from '../../model/host.ts'
import { byServer, claimsOf } from '../../model/migration.ts'
import { zoneOfHost } from '../../model/placement.ts'
import type { Server } from '../../model/server.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'

const gib = 1024 ** 3
const none: HostUse = { servers: 0, vcpus: 0, memoryMb: 0, diskGb: 0 }

/** The view of one host. */
export async function viewOfOne(reader: Reader, host: HostRecord, context: Context): Promise<HostView> {
  const use = (await usesOf(reader, await serversOn(reader, host.name))).get(host.name) ?? none
  return viewOfHost(host, use, zoneOfHost(host.name, await reader.list('aggregates')) ?? context.settings.defaultZone)
}

/** Views of hosts with their use and zone; the fleet is read once. */
export async function viewsOfHosts(reader: Reader, hosts: readonly HostRecord[], context: Context): Promise<HostView[]> {
  const uses = await usesOf(reader, await reader.list('servers', { where: { deleted: false } }))
  const aggregates = await reader.list('aggregates')
  return hosts.map((host) =>
    viewOfHost(host, uses.get(host.name) ?? none, zoneOfHost(host.name, aggregates) ?? context.settings.defaultZone),
  )
}

async function usesOf(reader: Reader, servers: readonly Server[]): Promise<ReadonlyMap<string, HostUse>> {
  const roots = new Map<string, number>()
  const uses = new Map<string, HostUse>()
  const moving = byServer(await reader.list('migrations', { where: { open: true } }))
  for (const server of servers) {
    for (const claim of claimsOf(server, moving.get(server.id))) {
      const use = uses.get(claim.host) ?? none
      uses.set(claim.host, {
        servers: use.servers + 1,
        vcpus: use.vcpus + claim.flavor.vcpus,
        memoryMb: use.memoryMb + claim.flavor.ram,
        diskGb: use.diskGb + (await diskOf(reader, { ...server, flavor: claim.flavor }, roots)),
      })
    }
  }
  return uses
}

/** Servers that claim something on a host: those on it, and those that are moving to it or from it. */
export async function serversOn(reader: Reader, host: string): Promise<Server[]> {
  const there = await reader.list('servers', { where: { host, deleted: false } })
  const known = new Set(there.map(({ id }) => id))
  const open = await reader.list('migrations', { where: { open: true } })
  const moving = open.filter(
    ({ sourceHost, destHost, serverId }) => [sourceHost, destHost].includes(host) && !known.has(serverId),
  )
  const others = await Promise.all(moving.map(({ serverId }) => reader.get('servers', serverId)))
  return [...there, ...others.filter((server) => server !== undefined).filter((server) => !server.deleted)]
}

/** GiB of a server's disks; a root disk of 0 is as large as its image. */
async function diskOf(reader: Reader, { flavor, imageId, disks }: Server, roots: Map<string, number>): Promise<number> {
  const rest = claimedDisk({ ...flavor, disk: 0 }, null, disks)
  if (flavor.disk > 0 || imageId === null) return flavor.disk + rest
  const known = roots.get(imageId) ?? Math.ceil(((await reader.get('images', imageId))?.virtualSize ?? 0) / gib)
  roots.set(imageId, known)
  return known + rest
}
