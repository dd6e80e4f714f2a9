/**
 * Notifications page by page, for callers that come again: the pass behind a page is kept for the next one, so that a
 * follower pays for what is new. A pass that nobody comes back to is closed.
 */
import type { Clock } from '../core/ports.ts'
import type { Notification } from '../model/notification.ts'
import type { Store } from '../state/store.ts'
import { type Position, positionText } from './position.ts'
import { type Step, stepsFrom } from './reading.ts'

/** Milliseconds that a follower waits for something new before it gets an empty page. */
const waitMs = 20_000
const keptMs = 60_000
const mostKept = 32
/** Revisions that one page may look at. */
const mostLooked = 50_000

export interface PageQuery {
  readonly after: Position
  readonly limit: number
  matches(notification: Notification): boolean
  /** Wait for something new, and keep the pass for the next page. */
  readonly follow: boolean
  readonly signal: AbortSignal
}

export interface Page {
  readonly events: readonly Notification[]
  readonly next: Position
}

interface Pass {
  readonly steps: AsyncGenerator<Step>
  readonly stop: AbortController
  at: number
  position: Position
  /** What of the last step was not given out. */
  rest: readonly Notification[]
}

export interface Feed {
  page(query: PageQuery): Promise<Page>
}

export function eventFeed(store: Store, clock: Clock): Feed {
  const kept = new Map<string, Pass>()

  async function page(query: PageQuery): Promise<Page> {
    const pass = take(query.after)
    const events: Notification[] = []
    let isOver = false
    try {
      isOver = await fill(pass, query, events)
    } catch (error) {
      close(pass)
      throw error
    }
    if (query.follow && !isOver) keep(pass)
    else close(pass)
    return { events, next: pass.position }
  }

  /** Adds to `events` until the limit, or the newest revision; true when the pass has ended. */
  async function fill(pass: Pass, { matches, limit, follow, signal }: PageQuery, events: Notification[]): Promise<boolean> {
    for (let looked = 0; looked < mostLooked; looked += 1) {
      while (pass.rest.length > 0) {
        if (events.length >= limit) return false
        const [first, ...rest] = pass.rest
        pass.rest = rest
        if (!first) break
        const index = Number(first.message_id.split('.')[1])
        pass.position = { revision: first.revision, index: rest.length === 0 ? Number.POSITIVE_INFINITY : index }
        if (matches(first)) events.push(first)
      }
      const newest = await store.read(async (reader) => reader.revision)
      if (isBehind(pass.position, newest)) {
        if (await advance(pass)) return true
        continue
      }
      if (!follow || events.length > 0 || signal.aborted) return false
      const end = AbortSignal.any([clock.deadline(waitMs), signal])
      const onEnd = () => pass.stop.abort()
      end.addEventListener('abort', onEnd, { once: true })
      const isOver = await advance(pass)
      end.removeEventListener('abort', onEnd)
      if (isOver) return true
    }
    return false
  }

  const isBehind = ({ revision, index }: Position, newest: number) => revision < newest || Number.isFinite(index)

  async function advance(pass: Pass): Promise<boolean> {
    const { value, done } = await pass.steps.next()
    if (done) return true
    pass.rest = value.notifications
    if (value.notifications.length === 0) pass.position = { revision: value.revision, index: Number.POSITIVE_INFINITY }
    return false
  }

  function take(after: Position): Pass {
    const key = positionText(after)
    const found = kept.get(key)
    kept.delete(key)
    if (found) return found
    const stop = new AbortController()
    return { steps: stepsFrom(store, after, stop.signal), stop, at: 0, position: after, rest: [] }
  }

  function keep(pass: Pass): void {
    pass.at = clock.monotonic()
    const key = positionText(pass.position)
    const same = kept.get(key)
    if (same) close(same)
    kept.set(key, pass)
    for (const [other, { at }] of kept)
      if (pass.at - at > keptMs || kept.size > mostKept) {
        const old = kept.get(other)
        if (old) close(old)
        kept.delete(other)
      }
  }

  function close(pass: Pass): void {
    pass.stop.abort()
    void pass.steps.return(undefined).catch(() => undefined)
  }

  return { page }
}
