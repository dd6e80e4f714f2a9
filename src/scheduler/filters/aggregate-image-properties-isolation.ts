import { defineFilter } from '../define-filter.ts'

/**
 * AggregateImagePropertiesIsolation: where an aggregate of the host sets a key that the image has as a property,
 * the image's value is one of the aggregate's; properties that no aggregate names do not matter.
 */
export const aggregateImagePropertiesIsolation = defineFilter('AggregateImagePropertiesIsolation', ({ image }) => {
  const properties = new Map((image?.properties ?? []).filter(([, value]) => value !== ''))
  if (properties.size === 0) return null
  return ({ aggregates }) => {
    const allowed = new Map<string, Set<string>>()
    for (const { metadata } of aggregates) {
      for (const [key, value] of metadata) {
        if (!properties.has(key)) continue
        const values = allowed.get(key) ?? new Set()
        for (const part of value.split(',')) values.add(part.trim())
        allowed.set(key, values)
      }
    }
    for (const [key, values] of allowed) {
      const value = properties.get(key)
      if (value === undefined || values.has(value)) continue
      return {
        reason: `its aggregates take images with ${key} ${[...values].join(', ')}, this one has ${value}`,
        change: `use an image with ${key} ${[...values][0]}`,
      }
    }
    return true
  }
})
