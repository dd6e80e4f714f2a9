/** The host that a refused request missed by least, and what would have to change for it to fit there. */
import { amountOf } from './capacity.ts'
import type { Decision, Refusal, Verdict } from './types.ts'

/** A host is worse by each refusal: a shortage counts by its size, a change of the request as 1, work on the host as 2. */
export function nearestHost(verdicts: readonly Verdict[]): Decision['nearest'] {
  let nearest: Verdict | undefined
  let least = Number.POSITIVE_INFINITY
  for (const verdict of verdicts) {
    const distance = verdict.refusals.reduce((sum, refusal) => sum + distanceOf(refusal), 0)
    if (verdict.refusals.length === 0 || !(distance < least)) continue
    nearest = verdict
    least = distance
  }
  if (!nearest) return null
  const { host, refusals } = nearest
  return { host, change: [...new Set(refusals.map((refusal) => changeFor(refusal, host)))].join(' and ') }
}

/** Infinite when nothing that anyone does now would help. */
function distanceOf({ shortage, change, repair }: Refusal): number {
  if (shortage) return shortage.free > 0 ? (shortage.needed - shortage.free) / shortage.needed : 1.5
  if (change !== undefined) return 1
  return repair === undefined ? Number.POSITIVE_INFINITY : 2
}

function changeFor({ shortage, change, repair }: Refusal, host: string): string {
  if (!shortage) return change ?? repair ?? ''
  const { resource, needed, free, unit } = shortage
  if (free <= 0) return `free ${amountOf(needed - free, unit)} on host ${host}`
  return resource === 'vcpus' ? `--flavor with vcpus ≤ ${free}` : `--flavor with ${resource} ≤ ${free} ${unit}`
}
