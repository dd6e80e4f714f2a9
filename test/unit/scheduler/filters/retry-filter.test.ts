import { describe } from 'vitest'
import { retryFilter } from '../../../../src/scheduler/filters/retry-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(retryFilter.name, () => {
  itDecides(retryFilter, [
    { that: 'passes a host that was not tried', request: { triedHosts: ['host-b'] } },
    {
      that: 'refuses a host that failed before',
      request: { triedHosts: ['host-b', 'host-a'] },
      refuses: 'this request already failed here (attempt 2)',
    },
  ])
})
