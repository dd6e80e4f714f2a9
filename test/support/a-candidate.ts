/** Builders of what the scheduler sees: a roomy host, a small request, a fleet with default settings; override what matters. */
import type { Aggregate } from '../../src/model/placement.ts'
import type { Candidate, Fleet, PlacedServer, PlacementRequest, SchedulerSettings } from '../../src/scheduler/types.ts'
import { defaultSettings } from '../../src/settings.ts'
import { aHost } from './a-host.ts'

type Inner<T> = { readonly [K in keyof T]?: Part<T[K]> }
type Part<V> = V extends readonly unknown[] ? V : V extends object ? Partial<V> : V

const inventory: Candidate['inventory'] = {
  hostname: 'host-a',
  hypervisorType: 'qemu',
  hypervisorVersion: '8.2.1',
  accelerator: 'kvm',
  architecture: 'x86_64',
  vcpus: 8,
  memoryMb: 16_384,
  memoryFreeMb: 16_000,
  diskGb: 500,
  diskFreeGb: 450,
  cpuModel: 'Skylake-Client',
  cpuFeatures: ['aes', 'avx2', 'vmx'],
  supportedInstances: [
    ['x86_64', 'qemu', 'hvm'],
    ['i686', 'qemu', 'hvm'],
  ],
  machineTypes: ['pc', 'q35'],
  numaCells: [],
  pciDevices: [],
}

const record = aHost({
  name: 'host-a',
  id: 'host-id',
  address: '10.0.0.1',
  instancesPath: '/var/lib/nova/instances',
  inventory: null,
  lastSeenAt: null,
})

/** Ratios 16, 1.5 and 1; nothing reserved, nothing claimed. */
export function aCandidate(over: Inner<Candidate> = {}): Candidate {
  const name = over.name ?? 'host-a'
  return {
    name,
    record: { ...record, name, ...over.record },
    inventory: { ...inventory, hostname: name, ...over.inventory },
    claimed: { ram: 0, vcpus: 0, disk: 0, ...over.claimed },
    ratios: { cpu: 16, ram: 1.5, disk: 1, ...over.ratios },
    reserved: { memoryMb: 0, diskGb: 0, ...over.reserved },
    aggregates: over.aggregates ?? [],
    zone: over.zone ?? 'nova',
    servers: over.servers ?? [],
    busyServers: over.busyServers,
    silentMs: over.silentMs ?? null,
  }
}

/** web-1: 512 MB, 1 vCPU, 10 GB, from image cirros, no hints. */
export function aRequest(over: Inner<PlacementRequest> = {}): PlacementRequest {
  return {
    serverId: 'server-1',
    serverName: 'web-1',
    projectId: 'project-1',
    diskGb: 10,
    availabilityZone: null,
    forcedHost: null,
    triedHosts: [],
    ...over,
    flavor: { id: '1', name: 'm1.tiny', ram: 512, vcpus: 1, disk: 10, ephemeral: 0, swap: 0, extraSpecs: [], ...over.flavor },
    image: over.image === null ? null : { id: 'image-1', name: 'cirros', minRam: 0, minDisk: 0, properties: [], ...over.image },
    hints: { differentHost: [], sameHost: [], buildNearHostIp: null, cidr: null, query: null, ...over.hints },
    group: over.group ? aGroup(over.group) : null,
  }
}

/** A group of the policy anti-affinity. */
export const aGroup = (over: Partial<NonNullable<PlacementRequest['group']>> = {}): NonNullable<PlacementRequest['group']> => ({
  id: 'group-1',
  generation: 1,
  projectId: 'project-1',
  name: 'web',
  policy: 'anti-affinity',
  maxServerPerHost: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...over,
})

/** A server that is placed and quiet. */
export const aPlacedServer = (over: Partial<PlacedServer> = {}): PlacedServer => ({
  id: 'placed-1',
  projectId: 'project-1',
  host: 'host-a',
  flavorId: '1',
  imageId: 'image-1',
  groupId: null,
  busy: false,
  ram: 512,
  vcpus: 1,
  disk: 10,
  extraSpecs: [],
  ...over,
})

/** An aggregate with this metadata. */
export const anAggregate = (...metadata: [string, string][]): Aggregate => ({
  id: 'aggregate-1',
  generation: 1,
  name: 'rack-1',
  hosts: [],
  metadata,
  createdAt: '2026-01-01T00:00:00.000Z',
})

/** The hosts with default settings; `hostOf` knows the servers on them. */
export function aFleet(candidates: readonly Candidate[], settings: Partial<SchedulerSettings> = {}): Fleet {
  const hosts = new Map(candidates.flatMap(({ name, servers }) => servers.map(({ id }) => [id, name] as const)))
  return { candidates, hostOf: (serverId) => hosts.get(serverId), settings: { ...defaultSettings, ...settings } }
}
