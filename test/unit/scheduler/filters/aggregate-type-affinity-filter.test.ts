import { describe } from 'vitest'
import { aggregateTypeAffinityFilter } from '../../../../src/scheduler/filters/aggregate-type-affinity-filter.ts'
import { anAggregate } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(aggregateTypeAffinityFilter.name, () => {
  itDecides(aggregateTypeAffinityFilter, [
    { that: 'passes where no aggregate names flavors', host: { aggregates: [anAggregate(['x', 'y'])] } },
    { that: 'passes a named flavor', host: { aggregates: [anAggregate(['instance_type', 'm1.small, m1.tiny'])] } },
    {
      that: 'refuses another flavor',
      host: { aggregates: [anAggregate(['instance_type', 'm1.small'])] },
      refuses: 'its aggregates take flavor m1.small, not m1.tiny',
      change: '--flavor m1.small',
    },
  ])
})
