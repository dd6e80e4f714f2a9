import { describe } from 'vitest'
import { aggregateInstanceExtraSpecsFilter } from '../../../../src/scheduler/filters/aggregate-instance-extra-specs-filter.ts'
import { anAggregate } from '../../../support/a-candidate.ts'
import { itDecides, withSpecs } from '../../../support/filter-cases.ts'

describe(aggregateInstanceExtraSpecsFilter.name, () => {
  itDecides(aggregateInstanceExtraSpecsFilter, [
    { that: 'passes flavors without such specs', request: withSpecs(['capabilities:x', '1'], ['hw:numa_nodes', '1']) },
    { that: 'meets an unscoped spec', host: { aggregates: [anAggregate(['ssd', 'true'])] }, request: withSpecs(['ssd', 'true']) },
    {
      that: 'meets a scoped spec by one of a comma list',
      host: { aggregates: [anAggregate(['rack', '1, 2'])] },
      request: withSpecs(['aggregate_instance_extra_specs:rack', '<or> 2 <or> 3']),
    },
    {
      that: 'refuses when no aggregate sets the key',
      request: withSpecs(['ssd', 'true']),
      refuses: "ssd wants 'true', no aggregate of the host sets ssd",
      change: '--flavor without extra spec ssd',
    },
    {
      that: 'shows all values of the aggregates',
      host: { aggregates: [anAggregate(['rack', '1']), anAggregate(['rack', '2'])] },
      request: withSpecs(['rack', '>= 3']),
      refuses: "rack wants '>= 3', its aggregates have 1, 2",
    },
  ])
})
