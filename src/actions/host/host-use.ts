/** What the servers on each host were promised, added up from the records. */
import { type HostRecord, type HostUse, type HostView, viewOfHost } from '../../model/host.ts'
import { zoneOfHost } from '../../model/placement.ts'
import type { Server } from '../../model/server.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'

const gib = 1024 ** 3
const none: HostUse = { servers: 0, vcpus: 0, memoryMb: 0, diskGb: 0 }

/** The view of one host. */
export async function viewOfOne(reader: Reader, host: HostRecord, context: Context): Promise<HostView> {
  const servers = await reader.list('servers', { where: { host: host.name, deleted: false } })
  const use = (await usesOf(reader, servers)).get(host.name) ?? none
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
  for (const server of servers) {
    if (server.host === null) continue
    const use = uses.get(server.host) ?? none
    uses.set(server.host, {
      servers: use.servers + 1,
      vcpus: use.vcpus + server.flavor.vcpus,
      memoryMb: use.memoryMb + server.flavor.ram,
      diskGb: use.diskGb + (await diskOf(reader, server, roots)),
    })
  }
  return uses
}

/** GiB of a server's disks; a root disk of 0 is as large as its image. */
async function diskOf(reader: Reader, { flavor, imageId }: Server, roots: Map<string, number>): Promise<number> {
  const rest = flavor.ephemeral + Math.ceil(flavor.swap / 1024)
  if (flavor.disk > 0 || imageId === null) return flavor.disk + rest
  const known = roots.get(imageId) ?? Math.ceil(((await reader.get('images', imageId))?.virtualSize ?? 0) / gib)
  roots.set(imageId, known)
  return known + rest
}
