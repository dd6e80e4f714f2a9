import { Fault } from '../../core/fault.ts'
import { defineFilter } from '../define-filter.ts'
import { fitTopology } from '../numa-fit.ts'
import { topologyOf } from '../numa-topology.ts'

/**
 * NUMATopologyFilter: the guest's NUMA nodes (`hw:numa_nodes`, `hw:numa_cpus.N`, `hw:numa_mem.N`) fit one each into the
 * host's cells, less what placed servers take there. `hw:cpu_policy=dedicated` pins one host CPU a vCPU;
 * `hw:mem_page_size` (small, large, any, KiB, or 2MB, 1GB) needs that page size and never over-commits memory.
 */
export const numaTopologyFilter = defineFilter('NUMATopologyFilter', ({ flavor }) => {
  const topology = topologyOf(flavor)
  if (topology === null) return null
  if ('problem' in topology) throw new Fault('invalid', `flavor ${flavor.name}: ${topology.problem}`)
  return (candidate) => {
    const problem = fitTopology(topology, candidate)
    return (
      problem === null || { reason: problem, change: '--flavor without hw:numa, hw:cpu_policy and hw:mem_page_size extra specs' }
    )
  }
})
