import { describe } from 'vitest'
import { typeAffinityFilter } from '../../../../src/scheduler/filters/type-affinity-filter.ts'
import { aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(typeAffinityFilter.name, () => {
  itDecides(typeAffinityFilter, [
    { that: 'passes an empty host' },
    { that: 'passes a host with the same flavor', host: { servers: [aPlacedServer()] } },
    {
      that: 'counts servers of other flavors',
      host: { servers: [aPlacedServer({ flavorId: '2' }), aPlacedServer({ id: 'placed-2', flavorId: '3' })] },
      refuses: 'holds 2 servers of another flavor than m1.tiny',
    },
    { that: 'does not count the server itself', host: { servers: [aPlacedServer({ id: 'server-1', flavorId: '2' })] } },
  ])
})
