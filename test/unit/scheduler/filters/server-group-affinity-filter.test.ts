import { describe } from 'vitest'
import { serverGroupAffinityFilter } from '../../../../src/scheduler/filters/server-group-affinity-filter.ts'
import { aCandidate, aGroup, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const host = { servers: [aPlacedServer({ groupId: 'group-1' })] }
const group = aGroup({ policy: 'affinity' })

describe(serverGroupAffinityFilter.name, () => {
  itDecides(serverGroupAffinityFilter, [
    { that: 'passes without a group', host },
    { that: 'lets the first member go anywhere', request: { group } },
    { that: 'passes the host of the members', host, request: { group } },
    {
      that: 'names the hosts of the members',
      others: [aCandidate({ name: 'host-b', ...host })],
      request: { group },
      refuses: 'group web is on host-b (affinity)',
      change: 'leave group web',
    },
    {
      that: 'leaves other policies alone',
      others: [aCandidate({ name: 'host-b', ...host })],
      request: { group: aGroup({ policy: 'soft-affinity' }) },
    },
    {
      that: 'does not count the server itself',
      others: [aCandidate({ name: 'host-b', ...host })],
      request: { serverId: 'placed-1', group },
    },
  ])
})
