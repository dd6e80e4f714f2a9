/**
 * Streams between a client and the daemon that are made of calls: the client fetches and sends parts, so that nothing waits for a
 * reader but what one part holds. A stream belongs to who opened it, and ends when nobody asks for it for a while.
 */
import { Fault } from '../core/fault.ts'
import type { Clock, Random } from '../core/ports.ts'
import { limits } from './limits.ts'
import type { Who } from './peer.ts'

export interface Endable {
  /** Lets go of everything; once. */
  end(reason: Fault): void
}

export interface Streams<S extends Endable> {
  /** Fault `unreachable` when there are as many streams as there may be, of all callers or of this one. */
  need(owner: Who): void
  /** Notes a stream and resolves with its id. */
  open(owner: Who, stream: S): string
  /** The caller's stream, which counts as asked for. Fault `not-found` also for another caller's. */
  find(id: string, owner: Who): S
  drop(id: string): void
  /** Ends all of them. */
  close(reason: Fault): void
}

interface Known<S> {
  readonly stream: S
  readonly owner: Who
  readonly over: AbortController
  seenAt: number
}

/** `what` names one of them in faults; after `idleMs` without a call it is ended. */
export function streams<S extends Endable>(
  what: string,
  idleMs: number,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Streams<S> {
  const open = new Map<string, Known<S>>()

  function end(id: string, reason: Fault): void {
    const known = open.get(id)
    if (!known) return
    open.delete(id)
    known.over.abort(reason)
    known.stream.end(reason)
  }

  /** Ends a stream whose client is gone: nothing else would tell. */
  async function watch(id: string, known: Known<S>): Promise<void> {
    for (let left = idleMs; left > 0; left = known.seenAt + idleMs - clock.monotonic()) await clock.sleep(left, known.over.signal)
    end(id, new Fault('timeout', `nobody asked for ${what} ${id} for ${idleMs / 1000} s`))
  }

  const isOf = (owner: Who) => (known: Known<S>) =>
    known.owner.userId === owner.userId && known.owner.projectId === owner.projectId

  return {
    need(owner) {
      const own = [...open.values()].filter(isOf(owner)).length
      if (open.size < limits.streams && own < limits.streamsPerCaller) return
      throw new Fault('unreachable', `${own} of ${open.size} ${what}s that are open are yours, there is no room for another`, {
        hint: `a ${what} that nobody asks for ends after ${idleMs / 1000} s`,
        details: { retryAfterSeconds: Math.ceil(idleMs / 1000) },
      })
    },
    open(owner, stream) {
      const id = random.uuid()
      const known = { stream, owner, over: new AbortController(), seenAt: clock.monotonic() }
      open.set(id, known)
      watch(id, known).catch(() => undefined)
      return id
    },
    find(id, owner) {
      const known = open.get(id)
      if (!known || !isOf(owner)(known)) throw new Fault('not-found', `there is no ${what} ${id}`, { hint: 'it may have ended' })
      known.seenAt = clock.monotonic()
      return known.stream
    },
    drop: (id) => end(id, new Fault('conflict', `${what} ${id} was closed`)),
    close(reason) {
      for (const id of [...open.keys()]) end(id, reason)
    },
  }
}
