import { freeDisk, shortageOf } from '../capacity.ts'
import { defineFilter } from '../define-filter.ts'

/** DiskFilter: root, ephemeral and swap (GiB) fit into (total − reserved) × disk allocation ratio − claimed. */
export const diskFilter = defineFilter('DiskFilter', ({ diskGb }) => (candidate) => {
  const free = freeDisk(candidate)
  if (free >= diskGb) return true
  const { inventory, reserved, ratios } = candidate
  return shortageOf({
    resource: 'disk',
    unit: 'GB',
    needed: diskGb,
    free,
    total: inventory.diskGb,
    reserved: reserved.diskGb,
    ratio: ratios.disk,
  })
})
