/** Finds the revision that was in force at a moment. */
import { Fault } from '../core/fault.ts'
import { parseIsoTime } from './iso-time.ts'
import type { HistoryStart, Moment } from './store.ts'

/** The revision of a moment; `dated` are revisions with ISO times, oldest first. Before the first of them: one less. */
export function momentRevision(moment: Moment, dated: Iterable<{ readonly revision: number; readonly at: string }>): number {
  if ('revision' in moment) return wholeRevision(moment.revision)
  const time = parseIsoTime(moment.time)
  let found: number | undefined
  for (const { revision, at } of dated) {
    if (parseIsoTime(at) > time) return found ?? revision - 1
    found = revision
  }
  return found ?? 0
}

export function noSuchRevision(wanted: number, newest: number): Fault {
  return new Fault('not-found', `revision ${wanted} does not exist yet, the newest is ${newest}`)
}

/** The fault of a moment before history begins. */
export function purgedMoment(moment: Moment, start: HistoryStart): Fault {
  const asked = 'time' in moment ? `time ${moment.time}` : `revision ${moment.revision}`
  return new Fault('not-found', `${asked} is before history begins: ${oldestKept(start)}`, {
    hint: `the oldest moment is --at ${start.at}`,
  })
}

/** The oldest moment in words. */
export const oldestKept = ({ revision, at, purgedAt }: HistoryStart) =>
  `revisions before ${revision} (${at}) were purged on ${purgedAt.slice(0, 10)}`

/** Milliseconds since the epoch before which revisions may go: the hour before the newest stays for those that follow. */
export const purgeLimit = (before: string, newestAt: string) =>
  newestAt === '' ? 0 : Math.min(parseIsoTime(before), parseIsoTime(newestAt) - hourMs)

const hourMs = 3_600_000

function wholeRevision(revision: number): number {
  if (Number.isSafeInteger(revision) && revision >= 0) return revision
  throw new Fault('invalid', `revision ${revision} is not a whole number from 0`)
}
