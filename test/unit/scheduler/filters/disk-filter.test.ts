import { describe } from 'vitest'
import { diskFilter } from '../../../../src/scheduler/filters/disk-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(diskFilter.name, () => {
  itDecides(diskFilter, [
    { that: 'passes an exact fit', host: { inventory: { diskGb: 100 }, claimed: { disk: 90 } } },
    {
      that: 'counts what is reserved',
      host: { inventory: { diskGb: 100 }, reserved: { diskGb: 10 }, claimed: { disk: 85 } },
      refuses: 'needs 10 GB, 5 GB free of (100 − 10) × 1',
    },
    { that: 'over-commits by the ratio', host: { inventory: { diskGb: 10 }, ratios: { disk: 2 }, claimed: { disk: 10 } } },
  ])
})
