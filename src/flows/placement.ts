/** Builds the scheduler's picture of the fleet from the records, and claims hosts: always inside one transaction. */
import { claimedDisk } from '../compute/guest-spec.ts'
import { specOf } from '../model/flavor.ts'
import type { HostRecord, Inventory } from '../model/host.ts'
import type { Image } from '../model/image.ts'
import { byServer, type Claim, claimsOf } from '../model/migration.ts'
import type { Aggregate } from '../model/placement.ts'
import type { Server } from '../model/server.ts'
import type { Candidate, Claimed, Fleet, PlacedServer } from '../scheduler/types.ts'
import type { Settings } from '../settings.ts'
import type { Reader } from '../state/store.ts'
import { attendanceOf } from './attendance.ts'

const busyTasks = new Set([
  'spawning',
  'block_device_mapping',
  'networking',
  'rebuilding',
  'rebuild_spawning',
  'image_snapshot',
  'image_backup',
  'image_pending_upload',
  'image_uploading',
  'shelving',
  'shelving_image_pending_upload',
  'shelving_image_uploading',
  'unshelving',
  'resize_prep',
  'resize_migrating',
  'resize_migrated',
  'resize_finish',
  'migrating',
])

/** Every host with what is claimed on it. Usage is derived from the servers' records, never stored. */
export async function fleetOf(reader: Reader, settings: Settings): Promise<Fleet> {
  const [hosts, aggregates, servers, images, migrations, services] = await Promise.all([
    reader.list('hosts'),
    reader.list('aggregates'),
    reader.list('servers', { where: { deleted: false } }),
    reader.list('images', { where: { deleted: false } }),
    reader.list('migrations', { where: { open: true } }),
    reader.list('services'),
  ])
  const attendance = attendanceOf(services)
  const imagesById = new Map(images.map((image) => [image.id, image]))
  const moving = byServer(migrations)
  const placed = new Map<string, PlacedServer[]>()
  const hostOf = new Map<string, string>()
  for (const server of servers) {
    if (server.host !== null) hostOf.set(server.id, server.host)
    for (const claim of claimsOf(server, moving.get(server.id))) {
      const there = placed.get(claim.host) ?? []
      there.push(placedServer(server, claim, server.imageId === null ? undefined : imagesById.get(server.imageId)))
      placed.set(claim.host, there)
    }
  }
  const candidates = hosts.flatMap((record) =>
    record.inventory === null
      ? []
      : [{ ...candidate(record, record.inventory, placed.get(record.name) ?? [], aggregates, settings), ...attendance(record) }],
  )
  return { candidates, hostOf: (id) => hostOf.get(id), settings }
}

/** What a record that stays as it is comes to, with the image that it was computed from: most servers rest, and every boot looks at all. */
const resting = new WeakMap<Server, { readonly image: Image | undefined; readonly placed: PlacedServer }>()

/** A claim of a server on a host, as the scheduler sees it. */
export function placedServer(server: Server, claim: Claim, image: Image | undefined): PlacedServer {
  const isOwn = claim.flavor === server.flavor && claim.host === server.host
  const known = isOwn ? resting.get(server) : undefined
  if (known && known.image === image) return known.placed
  const placed = newPlaced(server, claim, image)
  // Only the store's own copies stay; others would fill the map for nothing.
  if (isOwn && Object.isFrozen(server)) resting.set(server, { image, placed })
  return placed
}

function newPlaced(server: Server, { host, flavor }: Claim, image: Image | undefined): PlacedServer {
  return {
    id: server.id,
    projectId: server.projectId,
    host,
    flavorId: flavor.id,
    imageId: server.imageId,
    groupId: server.groupId,
    busy: server.taskState !== null && busyTasks.has(server.taskState),
    ram: flavor.ram,
    vcpus: flavor.vcpus,
    disk: claimedDisk(flavor, image ?? null, server.disks),
    extraSpecs: flavor.extraSpecs,
  }
}

/** A host with what is claimed on it. */
export function candidate(
  record: HostRecord,
  inventory: Inventory,
  servers: readonly PlacedServer[],
  aggregates: readonly Aggregate[],
  settings: Settings,
): Candidate {
  const own = aggregates.filter((aggregate) => aggregate.hosts.includes(record.name))
  const ratio = (field: 'cpuAllocationRatio' | 'ramAllocationRatio' | 'diskAllocationRatio', key: string) =>
    record[field] ?? smallest(own, key) ?? settings[field]
  return {
    name: record.name,
    record,
    inventory,
    servers,
    claimed: claimedBy(servers),
    busyServers: servers.filter((server) => server.busy).length,
    ratios: {
      cpu: ratio('cpuAllocationRatio', 'cpu_allocation_ratio'),
      ram: ratio('ramAllocationRatio', 'ram_allocation_ratio'),
      disk: ratio('diskAllocationRatio', 'disk_allocation_ratio'),
    },
    reserved: {
      memoryMb: record.reservedMemoryMb ?? settings.reservedHostMemoryMb,
      diskGb: record.reservedDiskGb ?? settings.reservedHostDiskGb,
    },
    aggregates: own,
    zone:
      own.map((aggregate) => specOf(aggregate.metadata, 'availability_zone')).find((zone) => zone !== undefined) ??
      settings.defaultZone,
    silentMs: null,
  }
}

function claimedBy(servers: readonly PlacedServer[]): Claimed {
  const claimed = { ram: 0, vcpus: 0, disk: 0 }
  for (const server of servers) {
    claimed.ram += server.ram
    claimed.vcpus += server.vcpus
    claimed.disk += server.disk
  }
  return claimed
}

/** As in Nova the smallest value of several aggregates wins. */
function smallest(aggregates: readonly Aggregate[], key: string): number | undefined {
  const values = aggregates.map((aggregate) => Number(specOf(aggregate.metadata, key))).filter((value) => value > 0)
  return values.length === 0 ? undefined : Math.min(...values)
}
