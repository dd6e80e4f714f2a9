/** Every filter and weigher by its name in the settings; a new one is its own file and one line here. */
import { Fault } from '../core/fault.ts'
import { closestName } from './closest-name.ts'
import { aggregateImagePropertiesIsolation } from './filters/aggregate-image-properties-isolation.ts'
import { aggregateInstanceExtraSpecsFilter } from './filters/aggregate-instance-extra-specs-filter.ts'
import { aggregateMultiTenancyIsolation } from './filters/aggregate-multi-tenancy-isolation.ts'
import { aggregateTypeAffinityFilter } from './filters/aggregate-type-affinity-filter.ts'
import { allHostsFilter } from './filters/all-hosts-filter.ts'
import { availabilityZoneFilter } from './filters/availability-zone-filter.ts'
import { computeCapabilitiesFilter } from './filters/compute-capabilities-filter.ts'
import { computeFilter } from './filters/compute-filter.ts'
import { coreFilter } from './filters/core-filter.ts'
import { differentHostFilter } from './filters/different-host-filter.ts'
import { diskFilter } from './filters/disk-filter.ts'
import { imagePropertiesFilter } from './filters/image-properties-filter.ts'
import { ioOpsFilter } from './filters/io-ops-filter.ts'
import { isolatedHostsFilter } from './filters/isolated-hosts-filter.ts'
import { jsonFilter } from './filters/json-filter.ts'
import { numInstancesFilter } from './filters/num-instances-filter.ts'
import { numaTopologyFilter } from './filters/numa-topology-filter.ts'
import { pciPassthroughFilter } from './filters/pci-passthrough-filter.ts'
import { ramFilter } from './filters/ram-filter.ts'
import { retryFilter } from './filters/retry-filter.ts'
import { sameHostFilter } from './filters/same-host-filter.ts'
import { serverGroupAffinityFilter } from './filters/server-group-affinity-filter.ts'
import { serverGroupAntiAffinityFilter } from './filters/server-group-anti-affinity-filter.ts'
import { simpleCidrAffinityFilter } from './filters/simple-cidr-affinity-filter.ts'
import { typeAffinityFilter } from './filters/type-affinity-filter.ts'
import type { Filter, Weigher } from './types.ts'
import { buildFailure } from './weighers/build-failure.ts'
import { cpu } from './weighers/cpu.ts'
import { disk } from './weighers/disk.ts'
import { ioOps } from './weighers/io-ops.ts'
import { ram } from './weighers/ram.ts'
import { serverGroup } from './weighers/server-group.ts'
import { softAffinity } from './weighers/soft-affinity.ts'
import { softAntiAffinity } from './weighers/soft-anti-affinity.ts'

export const filters: readonly Filter[] = [
  aggregateImagePropertiesIsolation,
  aggregateInstanceExtraSpecsFilter,
  aggregateMultiTenancyIsolation,
  aggregateTypeAffinityFilter,
  allHostsFilter,
  availabilityZoneFilter,
  computeCapabilitiesFilter,
  computeFilter,
  coreFilter,
  differentHostFilter,
  diskFilter,
  imagePropertiesFilter,
  ioOpsFilter,
  isolatedHostsFilter,
  jsonFilter,
  numInstancesFilter,
  numaTopologyFilter,
  pciPassthroughFilter,
  ramFilter,
  retryFilter,
  sameHostFilter,
  serverGroupAffinityFilter,
  serverGroupAntiAffinityFilter,
  simpleCidrAffinityFilter,
  typeAffinityFilter,
]

export const weighers: readonly Weigher[] = [buildFailure, cpu, disk, ioOps, ram, serverGroup, softAffinity, softAntiAffinity]

const filterTable = new Map(filters.map((filter) => [filter.name, filter]))
const weigherTable = new Map(weighers.map((weigher) => [weigher.name, weigher]))

/** The filter of that name, or an `invalid` fault that lists the known ones. */
export const filterNamed = (name: string) => named(filterTable, 'filter', name)

/** The weigher of that name, or an `invalid` fault that lists the known ones. */
export const weigherNamed = (name: string) => named(weigherTable, 'weigher', name)

function named<T>(table: ReadonlyMap<string, T>, kind: string, name: string): T {
  const found = table.get(name)
  if (found !== undefined) return found
  const meant = closestName(name, table.keys())
  throw new Fault('invalid', `unknown ${kind} '${name.slice(0, 80)}'; known: ${[...table.keys()].join(', ')}`, {
    hint: meant === undefined ? undefined : `did you mean ${meant}?`,
  })
}
