import { describe } from 'vitest'
import { availabilityZoneFilter } from '../../../../src/scheduler/filters/availability-zone-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(availabilityZoneFilter.name, () => {
  itDecides(availabilityZoneFilter, [
    { that: 'passes every zone when none is asked for', host: { zone: 'az2' } },
    { that: 'passes the zone asked for', host: { zone: 'az2' }, request: { availabilityZone: 'az2' } },
    {
      that: 'names both zones',
      host: { zone: 'az2' },
      request: { availabilityZone: 'az1' },
      refuses: 'is in zone az2, az1 was asked for',
      change: 'ask for zone az2',
    },
    { that: 'takes __proto__ for a name', host: { zone: '__proto__' }, request: { availabilityZone: '__proto__' } },
  ])
})
