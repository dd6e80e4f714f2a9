import type { SchedulerSettings } from './scheduler/types.ts'

/** Every setting with its default; Nova's name and value where Nova has one. */
export interface Settings extends SchedulerSettings {
  readonly cpuAllocationRatio: number
  readonly ramAllocationRatio: number
  readonly diskAllocationRatio: number
  readonly reservedHostMemoryMb: number
  readonly reservedHostDiskGb: number
  readonly schedulerMaxAttempts: number
  /** Seconds that a guest gets to shut down by itself. */
  readonly shutdownTimeout: number
  /** Whether a resize may stay on its host, which then holds both copies until it is confirmed. */
  readonly allowResizeToSameHost: boolean
  /** Seconds after which a resize that nobody confirmed counts as expired; 0 is never. */
  readonly resizeConfirmWindow: number
  /** Seconds after which a shelved server leaves its host: 0 is at once, -1 never. */
  readonly shelvedOffloadTime: number
  /** Milliseconds that one call to a compute host may take. */
  readonly computeDeadlineMs: number
  /** Bytes of an image that may be created. */
  readonly maxImageBytes: number
  /** Directory under which a new host gets its own for servers and images; null until the composition root knows it. */
  readonly instancesPath: string | null
}

export const defaultSettings: Settings = {
  cpuAllocationRatio: 16,
  ramAllocationRatio: 1.5,
  diskAllocationRatio: 1,
  reservedHostMemoryMb: 512,
  reservedHostDiskGb: 0,
  schedulerMaxAttempts: 3,
  shutdownTimeout: 60,
  allowResizeToSameHost: false,
  resizeConfirmWindow: 0,
  shelvedOffloadTime: 0,
  computeDeadlineMs: 600_000,
  maxImageBytes: 1024 ** 4,
  instancesPath: null,
  filters: [
    'RetryFilter',
    'AvailabilityZoneFilter',
    'ComputeFilter',
    'RamFilter',
    'CoreFilter',
    'DiskFilter',
    'ComputeCapabilitiesFilter',
    'ImagePropertiesFilter',
    'AggregateInstanceExtraSpecsFilter',
    'AggregateMultiTenancyIsolation',
    'AggregateImagePropertiesIsolation',
    'AggregateTypeAffinityFilter',
    'IsolatedHostsFilter',
    'SameHostFilter',
    'DifferentHostFilter',
    'SimpleCIDRAffinityFilter',
    'JsonFilter',
    'ServerGroupAffinityFilter',
    'ServerGroupAntiAffinityFilter',
    'IoOpsFilter',
    'NumInstancesFilter',
    'NUMATopologyFilter',
    'PciPassthroughFilter',
  ],
  weighers: [
    { name: 'ram', multiplier: 1 },
    { name: 'cpu', multiplier: 1 },
    { name: 'disk', multiplier: 1 },
    { name: 'io-ops', multiplier: -1 },
    { name: 'soft-affinity', multiplier: 1 },
    { name: 'soft-anti-affinity', multiplier: 1 },
    { name: 'build-failure', multiplier: 1_000_000 },
    { name: 'server-group', multiplier: 0 },
  ],
  hostSubsetSize: 1,
  maxIoOpsPerHost: 8,
  maxInstancesPerHost: 50,
  pciAliases: [],
  isolatedHosts: [],
  isolatedImages: [],
  restrictIsolatedHosts: true,
  defaultZone: 'nova',
  downAfterMs: 60_000,
}
