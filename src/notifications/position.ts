/** Where a follower stands: behind a notification, behind a whole revision, or at a time. */
import { Fault } from '../core/fault.ts'
import type { Reader, Store } from '../state/store.ts'

export interface Position {
  readonly revision: number
  /** The last place of that revision that was taken; Infinity for all of it. */
  readonly index: number
}

/** Revisions before the newest one that a follower begins with who says nothing. */
const recent = 1000

/** `12` is all of revision 12, `12.0` the notification of that id, everything else a time. */
export async function positionOf(since: string | undefined, store: Store): Promise<Position> {
  const revisionOf = (reader: Reader) => Promise.resolve(reader.revision)
  const whole = (revision: number): Position => ({ revision, index: Number.POSITIVE_INFINITY })
  if (since === undefined) return whole(Math.max(0, (await store.read(revisionOf)) - recent))
  const [, revision, index] = /^(\d{1,15})(?:\.(\d{1,6}))?$/.exec(since) ?? []
  if (revision === undefined) return whole(await store.read(revisionOf, { time: since }))
  const newest = await store.read(revisionOf)
  if (Number(revision) > newest)
    throw new Fault('not-found', `there is no revision ${revision}, the newest is ${newest}`, { hint: 'nova events' })
  return index === undefined ? whole(Number(revision)) : { revision: Number(revision), index: Number(index) }
}

export const positionText = ({ revision, index }: Position) =>
  Number.isFinite(index) ? `${revision}.${index}` : String(revision)
