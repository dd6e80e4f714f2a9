import { describe } from 'vitest'
import { numInstancesFilter } from '../../../../src/scheduler/filters/num-instances-filter.ts'
import { anAggregate, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(numInstancesFilter.name, () => {
  itDecides(numInstancesFilter, [
    { that: 'passes below the limit', host: { servers: [aPlacedServer()] }, settings: { maxInstancesPerHost: 2 } },
    {
      that: 'refuses at the limit',
      host: { servers: [aPlacedServer()] },
      settings: { maxInstancesPerHost: 1 },
      refuses: 'holds 1 server, the limit is 1',
    },
    {
      that: 'takes the smallest limit of the aggregates',
      host: {
        servers: [aPlacedServer()],
        aggregates: [anAggregate(['max_instances_per_host', '9'], ['max_instances_per_host', '1'])],
      },
      refuses: 'holds 1 server, the limit is 1',
    },
  ])
})
