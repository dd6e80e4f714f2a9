import { counted } from './counted.ts'
import type { Decision } from './types.ts'

/** One line: where the server went, or which filters refused how many hosts and what the nearest one would need. */
export function summarise(decision: Decision): string {
  const { chosen, nearest, verdicts, serverName } = decision
  if (chosen !== null) return `${serverName} (${needsOf(decision)}) goes to host ${chosen}`
  if (verdicts.length === 0) return `no host can take ${serverName} (${needsOf(decision)}): there are no hosts`
  const near = nearest ? `; nearest is host ${nearest.host}: ${nearest.change}` : ''
  return `no host can take ${serverName} (${needsOf(decision)}): ${refusalsOf(decision)}${near}`
}

function needsOf({ needs }: Decision): string {
  const zone = needs.zone === null ? '' : `; zone ${needs.zone}`
  return `${needs.ram} MB, ${counted(needs.vcpus, 'vCPU')}, ${needs.disk} GB${zone}`
}

/** The filters that refused most hosts first; a host may count under several. */
function refusalsOf({ verdicts }: Decision): string {
  const counts = new Map<string, number>()
  for (const { refusals } of verdicts) {
    for (const filter of new Set(refusals.map((refusal) => refusal.filter))) counts.set(filter, (counts.get(filter) ?? 0) + 1)
  }
  const sorted = [...counts].sort(([, left], [, right]) => right - left)
  return sorted
    .map(
      ([filter, count], index) => `${filter} refused ${index === 0 ? `${count} of ${counted(verdicts.length, 'host')}` : count}`,
    )
    .join(', ')
}
