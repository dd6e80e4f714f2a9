import { freeVcpus, shortageOf, tooLarge } from '../capacity.ts'
import { defineFilter } from '../define-filter.ts'

/** CoreFilter: the flavor's vCPUs fit into total × CPU allocation ratio − claimed, and into the machine itself; passes when the total is unknown. */
export const coreFilter = defineFilter('CoreFilter', ({ flavor }) => (candidate) => {
  const { vcpus: total } = candidate.inventory
  if (total <= 0) return true
  const free = freeVcpus(candidate)
  if (flavor.vcpus > total) return tooLarge('vcpus', 'vCPUs', flavor.vcpus, total, free)
  if (free >= flavor.vcpus) return true
  const ratio = candidate.ratios.cpu
  return shortageOf({ resource: 'vcpus', unit: 'vCPUs', needed: flavor.vcpus, free, total, reserved: 0, ratio })
})
