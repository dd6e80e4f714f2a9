import { z } from '../core/schema.ts'

/** What a hypervisor host has; the driver reports it. */
export const inventory = z.object({
  hostname: z.string(),
  hypervisorType: z.string(),
  hypervisorVersion: z.string(),
  /** kvm, tcg or fake: what guests really run on. */
  accelerator: z.string(),
  architecture: z.string(),
  vcpus: z.int(),
  /** MiB. */
  memoryMb: z.int(),
  /** MiB that the host has free now, for information. */
  memoryFreeMb: z.int(),
  /** GiB on the file system of the instances directory. */
  diskGb: z.int(),
  diskFreeGb: z.int(),
  cpuModel: z.string(),
  cpuFeatures: z.array(z.string()),
  /** What guests it can run: [architecture, hypervisor type, vm mode]. */
  supportedInstances: z.array(z.tuple([z.string(), z.string(), z.string()])),
  machineTypes: z.array(z.string()),
  numaCells: z.array(z.object({ id: z.int(), cpus: z.array(z.int()), memoryMb: z.int(), pageSizesKb: z.array(z.int()) })),
  pciDevices: z.array(
    z.object({ address: z.string(), vendorId: z.string(), productId: z.string(), numaCell: z.int().nullable() }),
  ),
})
export type Inventory = z.infer<typeof inventory>

export const hostRecord = z.object({
  id: z.string(),
  generation: z.int(),
  name: z.string(),
  driver: z.enum(['fake', 'qemu', 'libvirt']),
  /** `local` for this machine, else `[user@]name[:port]` for ssh. */
  address: z.string(),
  /** The private key of the ssh login; null takes the usual keys and the agent. */
  identityFile: z.string().nullable(),
  /** The ssh hosts to pass through; null takes ~/.ssh/config. */
  jump: z.string().nullable(),
  /** Whether commands need `sudo -n` there. */
  sudo: z.boolean(),
  /** Where servers and the image cache live on the host. */
  instancesPath: z.string(),
  virtType: z.enum(['auto', 'kvm', 'qemu']),
  /** The CPU that its guests get when their image names none; null takes the hypervisor's usual. */
  guestCpu: z.string().nullable(),
  enabled: z.boolean(),
  disabledReason: z.string().nullable(),
  /** Overrides of the settings; null takes the aggregate's or the setting. */
  cpuAllocationRatio: z.number().nullable(),
  ramAllocationRatio: z.number().nullable(),
  diskAllocationRatio: z.number().nullable(),
  reservedMemoryMb: z.int().nullable(),
  reservedDiskGb: z.int().nullable(),
  inventory: inventory.nullable(),
  /** When the inventory was last read. */
  lastSeenAt: z.string().nullable(),
  /** Builds that failed here since the last success. */
  failedBuilds: z.int(),
  createdAt: z.string(),
})
export type HostRecord = z.infer<typeof hostRecord>

/** What the servers on a host were promised: MiB, vCPUs, GiB, and how many they are. */
export interface HostUse {
  readonly servers: number
  readonly vcpus: number
  readonly memoryMb: number
  readonly diskGb: number
}

/** A host as admins see it: what it has, what is used of it, its zone. */
export const hostView = hostRecord.omit({ generation: true, inventory: true }).extend({
  state: z.enum(['up', 'down']).describe('down until its inventory was read once'),
  status: z.enum(['enabled', 'disabled']),
  zone: z.string(),
  servers: z.int(),
  vcpus: z.int(),
  vcpusUsed: z.int(),
  memoryMb: z.int(),
  memoryMbUsed: z.int(),
  diskGb: z.int(),
  diskGbUsed: z.int(),
  hypervisorType: z.string().nullable(),
  hypervisorVersion: z.string().nullable(),
  accelerator: z.string().nullable(),
  architecture: z.string().nullable(),
})
export type HostView = z.infer<typeof hostView>

export function viewOfHost({ generation: _, inventory: has, ...rest }: HostRecord, use: HostUse, zone: string): HostView {
  return {
    ...rest,
    state: has ? 'up' : 'down',
    status: rest.enabled ? 'enabled' : 'disabled',
    zone,
    servers: use.servers,
    vcpus: has?.vcpus ?? 0,
    vcpusUsed: use.vcpus,
    memoryMb: has?.memoryMb ?? 0,
    memoryMbUsed: use.memoryMb,
    diskGb: has?.diskGb ?? 0,
    diskGbUsed: use.diskGb,
    hypervisorType: has?.hypervisorType ?? null,
    hypervisorVersion: has?.hypervisorVersion ?? null,
    accelerator: has?.accelerator ?? null,
    architecture: has?.architecture ?? null,
  }
}
