/** What `virsh domjobinfo --rawstats` prints of a live move. */
import type { LiveProgress, LiveResult } from '../driver.ts'
import { type Domain, isPausedFor, pausedReasons } from './look.ts'

/** virDomainJobType: nothing runs. */
const noJob = '0'

/** Fields of the job, or undefined when none is under way. */
export function jobFields(text: string): ReadonlyMap<string, string> | undefined {
  const type = /^Job type: +(\d+)/m.exec(text)?.[1] ?? noJob
  if (type === noJob) return undefined
  return new Map([...text.matchAll(/^([a-z_]{1,64}): +(\d{1,20})$/gm)].map(([, key = '', value = '']) => [key, value]))
}

const count = (fields: ReadonlyMap<string, string>, key: string) => Number(fields.get(key) ?? 0)

/** How far the job is. Disks travel first; then they follow what the guest writes while its memory travels. */
export function progressOf(fields: ReadonlyMap<string, string>, domain: Domain | undefined): LiveProgress {
  const part = (name: string) => ({ total: count(fields, `${name}_total`), remaining: count(fields, `${name}_remaining`) })
  const [disks, memory] = [part('disk'), part('memory')]
  return { phase: phaseOf(domain, memory.total === 0 && disks.total > 0), disks, memory }
}

function phaseOf(domain: Domain | undefined, onlyDisks: boolean): LiveProgress['phase'] {
  if (domain && isPausedFor(domain, pausedReasons.postCopy)) return 'post-copy'
  if (domain && isPausedFor(domain, pausedReasons.migration)) return 'switch-over'
  return onlyDisks ? 'disks' : 'memory'
}

const phases: readonly LiveProgress['phase'][] = ['disks', 'memory', 'post-copy', 'switch-over']

/** What to report after `last`: libvirt forgets disks that have travelled, and a move never goes back. */
export function onward(last: LiveProgress | undefined, now: LiveProgress): LiveProgress {
  if (last === undefined) return now
  const isLater = phases.indexOf(now.phase) >= phases.indexOf(last.phase)
  const copied = ({ disks }: LiveProgress) => disks.total - disks.remaining
  const done = { total: last.disks.total, remaining: now.phase === 'disks' ? last.disks.remaining : 0 }
  return { phase: isLater ? now.phase : last.phase, disks: copied(now) >= copied(last) ? now.disks : done, memory: now.memory }
}

/** The last report of a move that is over. */
export const arrived = ({ disks, memory }: LiveProgress): LiveProgress => ({
  phase: 'switch-over',
  disks: { total: disks.total, remaining: 0 },
  memory: { total: memory.total, remaining: 0 },
})

/** What the destination says of a move that is over; `disks` are bytes that were seen on their way. */
export function resultOf(text: string, disks: number | null): LiveResult {
  const fields = jobFields(text)
  const value = (key: string) => (fields?.has(key) ? count(fields, key) : null)
  return {
    downtimeMs: value('downtime'),
    totalMs: value('time_elapsed'),
    memoryBytes: value('memory_processed'),
    diskBytes: disks,
  }
}
