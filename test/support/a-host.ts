import type { HostRecord, Inventory } from '../../src/model/host.ts'

/** What a host of 8 vCPUs, 16 GiB and 100 GiB reports. */
export const anInventory = (overrides: Partial<Inventory> = {}): Inventory => ({
  hostname: 'h1',
  hypervisorType: 'QEMU',
  hypervisorVersion: '8.2.0',
  accelerator: 'kvm',
  architecture: 'x86_64',
  vcpus: 8,
  memoryMb: 16384,
  memoryFreeMb: 8192,
  diskGb: 100,
  diskFreeGb: 80,
  cpuModel: 'host',
  cpuFeatures: [],
  supportedInstances: [['x86_64', 'kvm', 'hvm']],
  machineTypes: ['q35', 'pc'],
  numaCells: [],
  pciDevices: [],
  ...overrides,
})

/** An enabled host that was seen. */
export const aHost = (overrides: Partial<HostRecord> = {}): HostRecord => ({
  id: `id-${overrides.name ?? 'h1'}`,
  generation: 1,
  name: 'h1',
  driver: 'fake',
  address: 'local',
  identityFile: null,
  jump: null,
  sudo: false,
  instancesPath: `/instances/${overrides.name ?? 'h1'}`,
  virtType: 'auto',
  guestCpu: null,
  enabled: true,
  disabledReason: null,
  cpuAllocationRatio: null,
  ramAllocationRatio: null,
  diskAllocationRatio: null,
  reservedMemoryMb: null,
  reservedDiskGb: null,
  inventory: anInventory({ hostname: overrides.name ?? 'h1' }),
  lastSeenAt: '2026-01-01T00:00:00.000Z',
  failedBuilds: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...overrides,
})
