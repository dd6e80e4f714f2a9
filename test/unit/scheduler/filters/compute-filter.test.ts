import { describe } from 'vitest'
import { computeFilter } from '../../../../src/scheduler/filters/compute-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(computeFilter.name, () => {
  itDecides(computeFilter, [
    { that: 'passes a host that was heard of in time', host: { silentMs: 60_000 } },
    { that: 'passes a host that does not report', host: { silentMs: null } },
    {
      that: 'says why a host is disabled',
      host: { record: { enabled: false, disabledReason: 'new disk' } },
      refuses: 'is disabled: new disk',
    },
    { that: 'does without a reason', host: { record: { enabled: false } }, refuses: 'is disabled' },
    {
      that: 'says for how many seconds a host is down',
      host: { silentMs: 1500 },
      settings: { downAfterMs: 1000 },
      refuses: 'down for 1 s',
    },
    { that: 'says for how many minutes', host: { silentMs: 252_900 }, refuses: 'down for 4 min 12 s' },
    { that: 'says for how many hours', host: { silentMs: 7_380_000 }, refuses: 'down for 2 h 3 min' },
    { that: 'says for how many days', host: { silentMs: 180_000_000 }, refuses: 'down for 2 d 2 h' },
  ])
})
