import { describe } from 'vitest'
import { allHostsFilter } from '../../../../src/scheduler/filters/all-hosts-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(allHostsFilter.name, () => {
  itDecides(allHostsFilter, [
    { that: 'passes a disabled and full host', host: { record: { enabled: false }, claimed: { ram: 1e9 } } },
  ])
})
