/** Facts about a host under Nova's names, for `capabilities:` extra specs and `$name` look-ups of JsonFilter. */
import type { Candidate } from './types.ts'
import { versionNumber } from './version.ts'

const attributes = new Map<string, (candidate: Candidate) => unknown>([
  ['host', ({ name }) => name],
  ['nodename', ({ inventory }) => inventory.hostname],
  ['hypervisor_hostname', ({ inventory }) => inventory.hostname],
  ['hypervisor_type', ({ inventory }) => inventory.hypervisorType],
  ['hypervisor_version', ({ inventory }) => versionNumber(inventory.hypervisorVersion)],
  ['host_ip', ({ record }) => record.address],
  ['availability_zone', ({ zone }) => zone],
  ['enabled', ({ record }) => record.enabled],
  ['aggregates', ({ aggregates }) => aggregates.map(({ name }) => name)],
  ['total_usable_ram_mb', ({ inventory }) => inventory.memoryMb],
  ['free_ram_mb', ({ inventory, reserved, claimed }) => inventory.memoryMb - reserved.memoryMb - claimed.ram],
  ['memory_mb_used', ({ reserved, claimed }) => reserved.memoryMb + claimed.ram],
  ['total_usable_disk_gb', ({ inventory }) => inventory.diskGb],
  ['free_disk_mb', ({ inventory, reserved, claimed }) => (inventory.diskGb - reserved.diskGb - claimed.disk) * 1024],
  ['disk_mb_used', ({ reserved, claimed }) => (reserved.diskGb + claimed.disk) * 1024],
  ['vcpus_total', ({ inventory }) => inventory.vcpus],
  ['vcpus_used', ({ claimed }) => claimed.vcpus],
  ['vcpus_free', ({ inventory, claimed }) => inventory.vcpus - claimed.vcpus],
  ['num_instances', ({ servers }) => servers.length],
  ['num_io_ops', (candidate) => busyServers(candidate)],
  ['failed_builds', ({ record }) => record.failedBuilds],
  ['ram_allocation_ratio', ({ ratios }) => ratios.ram],
  ['cpu_allocation_ratio', ({ ratios }) => ratios.cpu],
  ['disk_allocation_ratio', ({ ratios }) => ratios.disk],
  ['supported_instances', ({ inventory }) => inventory.supportedInstances.map((instance) => instance.join(':'))],
  ['cpu_info', ({ inventory }) => cpuInfo(inventory)],
  ['cpu_arch', ({ inventory }) => inventory.architecture],
  ['cpu_model', ({ inventory }) => inventory.cpuModel],
  ['cpu_features', ({ inventory }) => inventory.cpuFeatures],
  ['machine_types', ({ inventory }) => inventory.machineTypes],
  ['numa_topology', ({ inventory }) => ({ cells: inventory.numaCells })],
])

const cpuInfo = ({ architecture, cpuModel, cpuFeatures }: Candidate['inventory']) => ({
  arch: architecture,
  model: cpuModel,
  features: cpuFeatures,
})

/** Servers on the host with a build, resize, rebuild or snapshot in flight. */
export function busyServers({ servers, busyServers: known }: Candidate): number {
  if (known !== undefined) return known
  let busy = 0
  for (const server of servers) if (server.busy) busy++
  return busy
}

/** Reads the fact at `path`, by Nova's name or the inventory's own field, or undefined; inherited properties are no facts. */
export function hostAttribute(path: readonly string[]): (candidate: Candidate) => unknown {
  const [first = '', ...rest] = path
  const read = attributes.get(first) ?? (({ inventory }: Candidate) => ownProperty(inventory, first))
  if (rest.length === 0) return read
  return (candidate) => {
    let value = read(candidate)
    for (const key of rest) value = ownProperty(value, key)
    return value
  }
}

function ownProperty(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
  const entry: unknown = Reflect.get(value, key)
  return entry
}
