import { describe } from 'vitest'
import { differentHostFilter } from '../../../../src/scheduler/filters/different-host-filter.ts'
import { aCandidate, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const host = { servers: [aPlacedServer()] }

describe(differentHostFilter.name, () => {
  itDecides(differentHostFilter, [
    { that: 'passes without the hint', host },
    { that: 'passes when the servers are nowhere', host, request: { hints: { differentHost: ['gone'] } } },
    {
      that: 'names the server that is there',
      host,
      request: { hints: { differentHost: ['gone', 'placed-1'] } },
      refuses: 'holds server placed-1 of different_host',
      change: 'drop hint different_host',
    },
    {
      that: 'passes other hosts',
      others: [aCandidate({ name: 'host-b', ...host })],
      request: { hints: { differentHost: ['placed-1'] } },
    },
  ])
})
