import { freeRam, shortageOf, tooLarge } from '../capacity.ts'
import { defineFilter } from '../define-filter.ts'

/** RamFilter: the flavor's MiB fit into (total − reserved) × RAM allocation ratio − claimed, and into the machine itself. */
export const ramFilter = defineFilter('RamFilter', ({ flavor }) => (candidate) => {
  const free = freeRam(candidate)
  const { memoryMb: total } = candidate.inventory
  if (flavor.ram > total) return tooLarge('ram', 'MB', flavor.ram, total, free)
  if (free >= flavor.ram) return true
  const { reserved, ratios } = candidate
  return shortageOf({
    resource: 'ram',
    unit: 'MB',
    needed: flavor.ram,
    free,
    total,
    reserved: reserved.memoryMb,
    ratio: ratios.ram,
  })
})
