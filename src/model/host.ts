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
  driver: z.enum(['fake', 'qemu']),
  /** `local`: this machine. */
  address: z.string(),
  /** Where servers and the image cache live on the host. */
  instancesPath: z.string(),
  virtType: z.enum(['auto', 'kvm', 'qemu']),
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
