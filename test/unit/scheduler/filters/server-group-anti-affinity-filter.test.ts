import { describe } from 'vitest'
import { serverGroupAntiAffinityFilter } from '../../../../src/scheduler/filters/server-group-anti-affinity-filter.ts'
import { aGroup, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const host = { servers: [aPlacedServer({ groupId: 'group-1' })] }

describe(serverGroupAntiAffinityFilter.name, () => {
  itDecides(serverGroupAntiAffinityFilter, [
    { that: 'passes without a group', host },
    {
      that: 'passes a host without members',
      host: { servers: [aPlacedServer({ groupId: 'group-2' })] },
      request: { group: aGroup() },
    },
    {
      that: 'refuses the second member',
      host,
      request: { group: aGroup() },
      refuses: 'holds 1 of at most 1 members of group web (anti-affinity)',
      change: 'leave group web',
    },
    { that: 'takes as many as max_server_per_host', host, request: { group: aGroup({ maxServerPerHost: 2 }) } },
    { that: 'does not count the server itself', host, request: { serverId: 'placed-1', group: aGroup() } },
    { that: 'leaves other policies alone', host, request: { group: aGroup({ policy: 'soft-anti-affinity' }) } },
  ])
})
