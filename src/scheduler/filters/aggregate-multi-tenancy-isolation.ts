import { defineFilter } from '../define-filter.ts'
import type { Candidate } from '../types.ts'

const key = 'filter_tenant_id'

/**
 * AggregateMultiTenancyIsolation: a host in an aggregate with `filter_tenant_id` (also with a suffix, as `filter_tenant_id2`;
 * values may be comma lists) takes servers of those projects only; other hosts take everyone's.
 */
export const aggregateMultiTenancyIsolation = defineFilter('AggregateMultiTenancyIsolation', ({ projectId }) => (candidate) => {
  if (candidate.aggregates.length === 0) return true
  const tenants = tenantsOf(candidate)
  if (!tenants || tenants.has(projectId)) return true
  return {
    reason: `is kept for ${tenants.size === 1 ? 'another project' : `${tenants.size} other projects`}`,
    repair: `add project ${projectId} to filter_tenant_id of host ${candidate.name}'s aggregate`,
  }
})

/** Undefined when no aggregate keeps the host for anyone. */
function tenantsOf({ aggregates }: Candidate): Set<string> | undefined {
  let tenants: Set<string> | undefined
  for (const { metadata } of aggregates) {
    for (const [name, value] of metadata) {
      if (!name.startsWith(key)) continue
      tenants ??= new Set()
      for (const tenant of value.split(',')) tenants.add(tenant.trim())
    }
  }
  return tenants
}
