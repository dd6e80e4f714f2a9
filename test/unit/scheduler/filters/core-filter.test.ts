import { describe } from 'vitest'
import { coreFilter } from '../../../../src/scheduler/filters/core-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(coreFilter.name, () => {
  itDecides(coreFilter, [
    { that: 'passes an exact fit', host: { inventory: { vcpus: 2 }, claimed: { vcpus: 31 } } },
    { that: 'passes when the total is unknown', host: { inventory: { vcpus: 0 } } },
    {
      that: 'gives the numbers',
      host: { inventory: { vcpus: 2 }, ratios: { cpu: 4 }, claimed: { vcpus: 7 } },
      request: { flavor: { vcpus: 2 } },
      refuses: 'needs 2 vCPUs, 1 vCPU free of 2 × 4',
    },
    {
      that: 'never lets one server over-commit against itself',
      request: { flavor: { vcpus: 9 } },
      refuses: 'needs 9 vCPUs, the host has 8 in all and one server may not over-commit against itself',
    },
  ])
})
