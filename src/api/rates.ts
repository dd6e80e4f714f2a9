/**
 * How often somebody may call: a bucket for each user and one for each project, which hold the calls of a minute and fill again
 * steadily. Administrators are not counted.
 */
import { Fault } from '../core/fault.ts'
import { holds } from '../core/perform.ts'
import type { Clock } from '../core/ports.ts'
import type { Who } from './peer.ts'

export interface RateOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  /** Calls a minute of one user and of one project; 0 is as many as they like. */
  perMinute(): { readonly user: number; readonly project: number }
}

export interface Rates {
  /** Counts a call. Fault `over-quota` with `retryAfterSeconds` when the user or the project has had its calls. */
  take(caller: Who): void
  /** Calls refused since the start. */
  readonly limited: number
}

interface Bucket {
  calls: number
  at: number
}

const minuteMs = 60_000
/** Buckets that are kept; beyond them those that were asked longest ago are forgotten. */
const mostBuckets = 10_000

export function rates({ clock, perMinute }: RateOptions): Rates {
  const buckets = new Map<string, Bucket>()
  let limited = 0

  /** The bucket as it is now; undefined when nothing is counted. */
  function bucketOf(key: string, most: number): Bucket | undefined {
    if (most === 0) return undefined
    const at = clock.monotonic()
    const known = buckets.get(key)
    const calls = known ? Math.min(most, known.calls + ((at - known.at) * most) / minuteMs) : most
    const bucket = { calls, at }
    // Asked last: behind all others.
    buckets.delete(key)
    buckets.set(key, bucket)
    const [oldest] = buckets.size > mostBuckets ? buckets.keys() : []
    if (oldest !== undefined) buckets.delete(oldest)
    return bucket
  }

  return {
    take(caller) {
      if (holds(caller, 'admin')) return
      const most = perMinute()
      const asked = [
        { who: `user ${caller.userId}`, most: most.user, bucket: bucketOf(`user ${caller.userId}`, most.user) },
        { who: `project ${caller.projectId}`, most: most.project, bucket: bucketOf(`project ${caller.projectId}`, most.project) },
      ]
      for (const { who, most: calls, bucket } of asked) {
        if (!bucket || bucket.calls >= 1) continue
        limited += 1
        const seconds = Math.ceil(((1 - bucket.calls) * minuteMs) / calls / 1000)
        throw new Fault('over-quota', `${who} may make ${calls} calls a minute`, {
          hint: `try again in ${seconds} s`,
          details: { retryAfterSeconds: seconds },
        })
      }
      for (const { bucket } of asked) if (bucket) bucket.calls -= 1
    },
    get limited() {
      return limited
    },
  }
}
