import { aggregateValues } from '../aggregate-values.ts'
import { defineFilter } from '../define-filter.ts'

/** AggregateTypeAffinityFilter: where the host's aggregates set `instance_type` (comma lists), the flavor's name is among them. */
export const aggregateTypeAffinityFilter = defineFilter('AggregateTypeAffinityFilter', ({ flavor }) => ({ aggregates }) => {
  if (aggregates.length === 0) return true
  const names = aggregateValues(aggregates, 'instance_type')
  if (names.length === 0 || names.includes(flavor.name)) return true
  return { reason: `its aggregates take flavor ${names.join(', ')}, not ${flavor.name}`, change: `--flavor ${names[0]}` }
})
