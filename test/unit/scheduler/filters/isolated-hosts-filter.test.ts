import { describe } from 'vitest'
import { isolatedHostsFilter } from '../../../../src/scheduler/filters/isolated-hosts-filter.ts'
import { itDecides } from '../../../support/filter-cases.ts'

describe(isolatedHostsFilter.name, () => {
  itDecides(isolatedHostsFilter, [
    { that: 'passes when nothing is isolated' },
    {
      that: 'passes an isolated image on an isolated host',
      settings: { isolatedHosts: ['host-a'], isolatedImages: ['image-1'] },
    },
    { that: 'passes another image on another host', settings: { isolatedHosts: ['host-b'], isolatedImages: ['image-2'] } },
    {
      that: 'refuses an isolated image on another host',
      settings: { isolatedHosts: ['host-b'], isolatedImages: ['image-1'] },
      refuses: 'image cirros runs on 1 isolated host only, this is none',
    },
    {
      that: 'refuses another image on an isolated host',
      settings: { isolatedHosts: ['host-a'], isolatedImages: ['image-2'] },
      refuses: 'is isolated for 1 image, this is none of them',
    },
    {
      that: 'passes another image on an isolated host when that is not restricted',
      settings: { isolatedHosts: ['host-a'], isolatedImages: ['image-2'], restrictIsolatedHosts: false },
    },
    {
      that: 'keeps isolated hosts empty when no image is isolated',
      settings: { isolatedHosts: ['host-a'] },
      refuses: 'is isolated for 0 images, this is none of them',
    },
  ])
})
