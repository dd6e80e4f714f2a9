import { describe } from 'vitest'
import { ramFilter } from '../../../../src/scheduler/filters/ram-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(ramFilter.name, () => {
  itDecides(ramFilter, [
    { that: 'passes an exact fit', host: { inventory: { memoryMb: 4096 }, claimed: { ram: 5632 } } },
    {
      that: 'gives the numbers',
      host: { inventory: { memoryMb: 4096 }, claimed: { ram: 3024 } },
      request: { flavor: { ram: 4000 } },
      refuses: 'needs 4000 MB, 3120 MB free of 4096 × 1.5',
    },
    {
      that: 'takes off what is reserved, before the ratio',
      host: { inventory: { memoryMb: 1024 }, reserved: { memoryMb: 512 }, claimed: { ram: 300 } },
      refuses: 'needs 512 MB, 468 MB free of (1024 − 512) × 1.5',
    },
    {
      that: 'never lets one server over-commit against itself',
      host: { inventory: { memoryMb: 4096 } },
      request: { flavor: { ram: 5000 } },
      refuses: 'needs 5000 MB, the host has 4096 in all and one server may not over-commit against itself',
    },
    {
      that: 'says by how much a host is over-committed',
      host: { inventory: { memoryMb: 1000 }, ratios: { ram: 1 }, claimed: { ram: 1200 } },
      refuses: 'needs 512 MB, 0 MB free of 1000 × 1, over-committed by 200',
    },
    {
      that: 'refuses when the ratio is no number',
      host: { ratios: { ram: Number.NaN } },
      refuses: 'needs 512 MB, NaN MB free of 16384 × NaN',
    },
  ])
})
