import type { Inventory } from '../../model/host.ts'

/** A generous made-up host: 64 vCPUs, 256 GiB of memory, 4 TiB of disk, two NUMA cells. */
export const fakeInventory = (hostname: string): Inventory => ({
  hostname,
  hypervisorType: 'fake',
  hypervisorVersion: '1.0',
  accelerator: 'fake',
  architecture: 'x86_64',
  vcpus: 64,
  memoryMb: 262_144,
  memoryFreeMb: 262_144,
  diskGb: 4096,
  diskFreeGb: 4096,
  cpuModel: 'fake',
  cpuFeatures: ['sse2', 'aes'],
  supportedInstances: [
    ['x86_64', 'fake', 'hvm'],
    ['x86_64', 'qemu', 'hvm'],
    ['x86_64', 'kvm', 'hvm'],
  ],
  machineTypes: ['pc', 'q35'],
  numaCells: [0, 1].map((id) => ({
    id,
    cpus: Array.from({ length: 32 }, (_, cpu) => id * 32 + cpu),
    memoryMb: 131_072,
    pageSizesKb: [4, 2048],
  })),
  pciDevices: [],
})
