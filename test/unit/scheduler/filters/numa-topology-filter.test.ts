import { describe, expect, it } from 'vitest'
import { Fault } from '../../../../src/core/fault.ts'
import { numaTopologyFilter } from '../../../../src/scheduler/filters/numa-topology-filter.ts'
import { aCandidate, aFleet, aPlacedServer, aRequest } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const cell = (id: number, cpus = 4, memoryMb = 4096, pageSizesKb = [4, 2048]) => ({
  id,
  cpus: Array.from({ length: cpus }, (_, index) => id * cpus + index),
  memoryMb,
  pageSizesKb,
})
const host = { inventory: { numaCells: [cell(0), cell(1)] } }
const flavor = (vcpus: number, ram: number, ...extraSpecs: [string, string][]) => ({ flavor: { vcpus, ram, extraSpecs } })
const dedicated: [string, string] = ['hw:cpu_policy', 'dedicated']
const pinned = aPlacedServer({ vcpus: 3, ram: 1024, extraSpecs: [dedicated] })

describe(numaTopologyFilter.name, () => {
  itDecides(numaTopologyFilter, [
    { that: 'passes flavors without a topology', request: flavor(2, 512, ['hw:cpu_policy', 'shared']) },
    { that: 'refuses hosts without cells', request: flavor(2, 512, ['hw:numa_nodes', '1']), refuses: 'reports no NUMA cells' },
    { that: 'fits one node in one cell', host, request: flavor(4, 4096, ['hw:numa_nodes', '1']) },
    { that: 'divides over two cells', host, request: flavor(8, 8192, ['hw:numa_nodes', '2']) },
    {
      that: 'refuses a node larger than every cell',
      host,
      request: flavor(6, 512, ['hw:numa_nodes', '1']),
      refuses: 'needs 1 NUMA cell of 6 vCPUs and 512 MB; free: cell 0 4 CPUs and 4096 MB, cell 1 4 CPUs and 4096 MB',
    },
    {
      that: 'counts the cells',
      host,
      request: flavor(3, 513, ['hw:numa_nodes', '3']),
      refuses: 'needs 3 NUMA cells, the host has 2',
    },
    {
      that: 'finds the only assignment of unequal nodes',
      host: { inventory: { numaCells: [cell(0, 4, 8192), cell(1, 4, 1024)] } },
      request: flavor(
        4,
        5120,
        ['hw:numa_nodes', '2'],
        ['hw:numa_cpus.0', '0,1'],
        ['hw:numa_mem.0', '1024'],
        ['hw:numa_cpus.1', '2-3'],
        ['hw:numa_mem.1', '4096'],
      ),
    },
    { that: 'pins beside pinned servers', host: { ...host, servers: [pinned] }, request: flavor(4, 512, dedicated) },
    {
      that: 'never pins a host CPU twice',
      host: { ...host, servers: [pinned, { ...pinned, id: 'placed-2' }] },
      request: flavor(2, 512, dedicated),
      refuses: 'needs 1 NUMA cell of 2 dedicated CPUs and 512 MB; free: cell 0 1 CPU and 3072 MB, cell 1 1 CPU and 3072 MB',
    },
    { that: 'over-commits shared CPUs', host: { ...host, servers: [pinned] }, request: flavor(4, 512, ['hw:numa_nodes', '1']) },
    { that: 'has the page size', host, request: flavor(1, 512, ['hw:mem_page_size', '2MB']) },
    { that: 'has large pages', host, request: flavor(1, 512, ['hw:mem_page_size', 'large']) },
    {
      that: 'lacks the page size',
      host,
      request: flavor(1, 512, ['hw:mem_page_size', '1GB']),
      refuses:
        'needs 1 NUMA cell of 1 vCPU and 512 MB in pages of 1048576 KiB; free: cell 0 4 CPUs and 4096 MB, cell 1 4 CPUs and 4096 MB',
    },
    {
      that: 'ignores placed servers whose specs no longer parse',
      host: { ...host, servers: [{ ...pinned, extraSpecs: [['hw:numa_nodes', 'x']] }] },
      request: flavor(4, 512, dedicated),
    },
  ])

  it.each([
    [flavor(3, 512, ['hw:numa_nodes', '2']), '3 vCPUs do not divide into 2 NUMA nodes'],
    [flavor(2, 511, ['hw:numa_nodes', '2']), '511 MB do not divide into 2 NUMA nodes'],
    [flavor(2, 512, ['hw:numa_nodes', '1e9']), "hw:numa_nodes '1e9' is not 1 to 16"],
    [flavor(2, 512, ['hw:cpu_policy', '__proto__']), "hw:cpu_policy '__proto__' is neither shared nor dedicated"],
    [flavor(2, 512, ['hw:mem_page_size', '-1']), "hw:mem_page_size '-1' is not small, large, any or a size"],
    [flavor(2, 512, ['hw:numa_nodes', '1'], ['hw:numa_cpus.0', '0-1']), 'NUMA node 0 needs hw:numa_cpus.0 and hw:numa_mem.0'],
    [
      flavor(2, 512, ['hw:numa_nodes', '1'], ['hw:numa_cpus.0', '0-99999'], ['hw:numa_mem.0', '512']),
      'NUMA node 0 needs hw:numa_cpus.0 and hw:numa_mem.0',
    ],
    [
      flavor(2, 512, ['hw:numa_nodes', '1'], ['hw:numa_cpus.0', '0'], ['hw:numa_mem.0', '512']),
      'hw:numa_cpus name 1 vCPUs, the flavor has 2',
    ],
    [
      flavor(2, 512, ['hw:numa_nodes', '1'], ['hw:numa_cpus.0', '0-1'], ['hw:numa_mem.0', '500']),
      'hw:numa_mem add up to 500 MB, the flavor has 512',
    ],
  ])('says what is wrong with a flavor: %#', (request, problem) => {
    const ask = () => numaTopologyFilter.passes(aCandidate(host), aRequest(request), aFleet([]))
    expect(ask).toThrow(new Fault('invalid', `flavor m1.tiny: ${problem}`))
  })
})
