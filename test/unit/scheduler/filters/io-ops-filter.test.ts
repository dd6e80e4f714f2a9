import { describe } from 'vitest'
import { ioOpsFilter } from '../../../../src/scheduler/filters/io-ops-filter.ts'
import { anAggregate, aPlacedServer } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const busy = aPlacedServer({ busy: true })

describe(ioOpsFilter.name, () => {
  itDecides(ioOpsFilter, [
    { that: 'does not count quiet servers', host: { servers: [busy, aPlacedServer()] }, settings: { maxIoOpsPerHost: 2 } },
    {
      that: 'takes the number that the fleet counted',
      host: { busyServers: 9 },
      refuses: '9 servers being built or moved, the limit is 8',
    },
    {
      that: 'refuses at the limit',
      host: { servers: [busy, busy] },
      settings: { maxIoOpsPerHost: 2 },
      refuses: '2 servers being built or moved, the limit is 2',
    },
    {
      that: 'takes the smallest limit of the aggregates',
      host: {
        servers: [busy],
        aggregates: [anAggregate(['max_io_ops_per_host', '5']), anAggregate(['max_io_ops_per_host', '1'])],
      },
      refuses: '1 server being built or moved, the limit is 1',
    },
    {
      that: 'lets an aggregate raise the limit',
      host: { servers: [busy, busy], aggregates: [anAggregate(['max_io_ops_per_host', '3'])] },
      settings: { maxIoOpsPerHost: 1 },
    },
    {
      that: 'keeps the setting when the aggregate gives no number',
      host: {
        servers: [busy],
        aggregates: [anAggregate(['max_io_ops_per_host', 'none']), anAggregate(['max_io_ops_per_host', ' '])],
      },
    },
  ])
})
