import { counted } from '../counted.ts'
import { defineFilter } from '../define-filter.ts'

/**
 * IsolatedHostsFilter: images of `isolatedImages` (ids) run on `isolatedHosts` only; with `restrictIsolatedHosts`
 * those hosts run no other image either.
 */
export const isolatedHostsFilter = defineFilter('IsolatedHostsFilter', ({ image }, { settings }) => {
  const { isolatedHosts, isolatedImages, restrictIsolatedHosts } = settings
  if (isolatedHosts.length === 0 && isolatedImages.length === 0) return null
  const hosts = new Set(isolatedHosts)
  const isImageIsolated = image !== null && isolatedImages.includes(image.id)
  return ({ name }) => {
    const isHostIsolated = hosts.has(name)
    if (isImageIsolated && !isHostIsolated) {
      return {
        reason: `image ${image.name} runs on ${counted(hosts.size, 'isolated host')} only, this is none`,
        change: 'use another image',
      }
    }
    if (isImageIsolated || !isHostIsolated || !restrictIsolatedHosts) return true
    return {
      reason: `is isolated for ${counted(isolatedImages.length, 'image')}, this is none of them`,
      change: 'use an isolated image',
    }
  }
})
