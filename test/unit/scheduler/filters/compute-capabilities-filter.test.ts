import { describe } from 'vitest'
import { computeCapabilitiesFilter } from '../../../../src/scheduler/filters/compute-capabilities-filter.ts'
import { itDecides, withSpecs } from '../../../support/filter-cases.ts'

describe(computeCapabilitiesFilter.name, () => {
  itDecides(computeCapabilitiesFilter, [
    { that: 'leaves unscoped and foreign specs to others', request: withSpecs(['ssd', 'true'], ['hw:x', '1']) },
    { that: 'reads the inventory by its own names', request: withSpecs(['capabilities:memoryMb', '>= 16384']) },
    { that: 'reads facts by the names of Nova', request: withSpecs(['capabilities:hypervisor_version', '>= 8002000']) },
    { that: 'goes into nested facts', request: withSpecs(['capabilities:cpu_info:features', '<in> aes']) },
    {
      that: 'shows what is wanted and what is there',
      request: withSpecs(['capabilities:cpu_info:model', 's== EPYC']),
      refuses: "capabilities:cpu_info:model wants 's== EPYC', the host has 'Skylake-Client'",
      change: '--flavor without extra spec capabilities:cpu_info:model',
    },
    {
      that: 'refuses for a fact that the host does not have',
      request: withSpecs(['capabilities:gpu:memory', '>= 4']),
      refuses: "capabilities:gpu:memory wants '>= 4', the host has no gpu:memory",
    },
    {
      that: 'never finds inherited properties',
      request: withSpecs(['capabilities:__proto__:constructor', 's!= x']),
      refuses: "capabilities:__proto__:constructor wants 's!= x', the host has no __proto__:constructor",
    },
    { that: 'needs all of <all-in>', request: withSpecs(['capabilities:cpu_features', '<all-in> aes vmx']) },
    {
      that: 'takes members of a list whole',
      request: withSpecs(['capabilities:cpu_features', '<in> avx']),
      refuses: "capabilities:cpu_features wants '<in> avx', the host has 'aes avx2 vmx'",
    },
  ])
})
