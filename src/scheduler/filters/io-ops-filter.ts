import { smallestAggregateNumber } from '../aggregate-values.ts'
import { counted } from '../counted.ts'
import { defineFilter } from '../define-filter.ts'
import { busyServers } from '../host-attribute.ts'

/**
 * IoOpsFilter: fewer than `maxIoOpsPerHost` servers of the host build, resize, rebuild or snapshot now;
 * the smallest `max_io_ops_per_host` of its aggregates overrides the setting.
 */
export const ioOpsFilter = defineFilter('IoOpsFilter', (_, { settings }) => (candidate) => {
  const most = smallestAggregateNumber(candidate.aggregates, 'max_io_ops_per_host', settings.maxIoOpsPerHost)
  const busy = busyServers(candidate)
  if (busy < most) return true
  return {
    reason: `${counted(busy, 'server')} being built or moved, the limit is ${most}`,
    change: 'ask again when they are done',
  }
})
