import { defineFilter } from '../define-filter.ts'
import { jsonQuery } from '../json-query.ts'

/**
 * JsonFilter: the hint `query` holds for the host: a JSON list with the operator first, for example
 * `["and", [">=", "$free_ram_mb", 1024], ["=", "$hypervisor_hostname", "node-1"]]`.
 */
export const jsonFilter = defineFilter('JsonFilter', ({ hints }) => {
  if (hints.query === null || hints.query === '') return null
  const holds = jsonQuery(hints.query)
  const shown = hints.query.length > 120 ? `${hints.query.slice(0, 120)}…` : hints.query
  return (candidate) => holds(candidate) || { reason: `does not meet the query ${shown}`, change: 'drop hint query' }
})
