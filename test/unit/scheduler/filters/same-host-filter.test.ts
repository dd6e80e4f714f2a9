import { describe } from 'vitest'
import { sameHostFilter } from '../../../../src/scheduler/filters/same-host-filter.ts'
import { aCandidate, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const host = { servers: [aPlacedServer()] }

describe(sameHostFilter.name, () => {
  itDecides(sameHostFilter, [
    { that: 'passes without the hint' },
    { that: 'passes a host of one of the servers', host, request: { hints: { sameHost: ['gone', 'placed-1'] } } },
    {
      that: 'refuses other hosts',
      others: [aCandidate({ name: 'host-b', ...host })],
      request: { hints: { sameHost: ['placed-1'] } },
      refuses: 'does not hold server placed-1',
      change: 'drop hint same_host',
    },
    {
      that: 'refuses when the servers are nowhere',
      request: { hints: { sameHost: ['gone', '__proto__'] } },
      refuses: 'holds none of the 2 servers of same_host',
    },
  ])
})
