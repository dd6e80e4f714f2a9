import { smallestAggregateNumber } from '../aggregate-values.ts'
import { counted } from '../counted.ts'
import { defineFilter } from '../define-filter.ts'

/**
 * NumInstancesFilter: the host holds fewer than `maxInstancesPerHost` servers;
 * the smallest `max_instances_per_host` of its aggregates overrides the setting.
 */
export const numInstancesFilter = defineFilter('NumInstancesFilter', (_, { settings }) => ({ name, aggregates, servers }) => {
  const most = smallestAggregateNumber(aggregates, 'max_instances_per_host', settings.maxInstancesPerHost)
  if (servers.length < most) return true
  return { reason: `holds ${counted(servers.length, 'server')}, the limit is ${most}`, repair: `delete 1 server on host ${name}` }
})
