import { describe } from 'vitest'
import { aggregateMultiTenancyIsolation } from '../../../../src/scheduler/filters/aggregate-multi-tenancy-isolation.ts'
import { anAggregate } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(aggregateMultiTenancyIsolation.name, () => {
  itDecides(aggregateMultiTenancyIsolation, [
    { that: 'passes everyone without the key', host: { aggregates: [anAggregate(['ssd', 'true'])] } },
    { that: 'passes a project of the comma list', host: { aggregates: [anAggregate(['filter_tenant_id', 'p, project-1'])] } },
    {
      that: 'passes a project under a numbered key',
      host: { aggregates: [anAggregate(['filter_tenant_id', 'p'], ['filter_tenant_id2', 'project-1'])] },
    },
    {
      that: 'refuses without naming the other project',
      host: { aggregates: [anAggregate(['filter_tenant_id', 'secret-project'])] },
      refuses: 'is kept for another project',
    },
    {
      that: 'counts the other projects',
      host: { aggregates: [anAggregate(['filter_tenant_id3', 'a,b']), anAggregate(['filter_tenant_id', 'c'])] },
      refuses: 'is kept for 3 other projects',
    },
  ])
})
