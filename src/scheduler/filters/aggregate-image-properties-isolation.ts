import { aggregateValues } from '../aggregate-values.ts'
import { defineFilter } from '../define-filter.ts'

/**
 * AggregateImagePropertiesIsolation: where an aggregate of the host sets a key that the image has as a property,
 * the image's value is one of the aggregate's; properties that no aggregate names do not matter.
 */
export const aggregateImagePropertiesIsolation = defineFilter('AggregateImagePropertiesIsolation', ({ image }) => {
  const properties = new Map((image?.properties ?? []).filter(([, value]) => value !== ''))
  if (properties.size === 0) return null
  return ({ aggregates }) => {
    for (const { metadata } of aggregates) {
      for (const [key] of metadata) {
        const value = properties.get(key)
        if (value === undefined) continue
        const taken = aggregateValues(aggregates, key)
        if (taken.includes(value)) continue
        return {
          reason: `its aggregates take images with ${key} ${taken.join(', ')}, this one has ${value}`,
          change: `use an image with ${key} ${taken[0]}`,
        }
      }
    }
    return true
  }
})
