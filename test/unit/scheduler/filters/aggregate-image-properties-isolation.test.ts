import { describe } from 'vitest'
import { aggregateImagePropertiesIsolation } from '../../../../src/scheduler/filters/aggregate-image-properties-isolation.ts'
import { anAggregate } from '../../../support/a-candidate.ts'
import { itDecides, withProperties } from '../../../support/filter-cases.ts'

describe(aggregateImagePropertiesIsolation.name, () => {
  itDecides(aggregateImagePropertiesIsolation, [
    { that: 'passes properties that no aggregate names', request: withProperties(['os', 'linux']) },
    { that: 'passes images without the property', host: { aggregates: [anAggregate(['os', 'windows'])] } },
    {
      that: 'passes one of the values',
      host: { aggregates: [anAggregate(['os', 'windows,linux'])] },
      request: withProperties(['os', 'linux']),
    },
    {
      that: 'refuses another value',
      host: { aggregates: [anAggregate(['os', 'windows'], ['os', 'bsd'])] },
      request: withProperties(['os', 'linux']),
      refuses: 'its aggregates take images with os windows, bsd, this one has linux',
      change: 'use an image with os windows',
    },
  ])
})
