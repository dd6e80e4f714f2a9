import { aggregateValues } from '../aggregate-values.ts'
import { defineFilter } from '../define-filter.ts'
import { requirementOf } from '../requirement.ts'

const scope = 'aggregate_instance_extra_specs:'

/**
 * AggregateInstanceExtraSpecsFilter: for every extra spec of the flavor without a scope, or in the scope
 * `aggregate_instance_extra_specs:`, some aggregate of the host has a value that meets it; a missing key refuses.
 */
export const aggregateInstanceExtraSpecsFilter = defineFilter('AggregateInstanceExtraSpecsFilter', ({ flavor }) => {
  const wanted = flavor.extraSpecs
    .filter(([key]) => key.startsWith(scope) || !key.includes(':'))
    .map(([spec, value]) => ({
      spec,
      value,
      key: spec.startsWith(scope) ? spec.slice(scope.length) : spec,
      meets: requirementOf(value),
    }))
  if (wanted.length === 0) return null
  return ({ name, aggregates }) => {
    for (const { spec, key, value, meets } of wanted) {
      const values = aggregateValues(aggregates, key)
      if (values.some((one) => meets(one))) continue
      const has = values.length === 0 ? `no aggregate of the host sets ${key}` : `its aggregates have ${values.join(', ')}`
      return {
        reason: `${spec} wants '${value}', ${has}`,
        change: `--flavor without extra spec ${spec}`,
        repair: `add host ${name} to an aggregate with ${key}`,
      }
    }
    return true
  }
})
