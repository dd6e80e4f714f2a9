/** A follower of the daemon: takes every notification after its position, in order, and says now and then how far it is. */
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import type { Notification } from '../model/notification.ts'
import type { Store } from '../state/store.ts'
import { type Position, positionOf, positionText } from './position.ts'
import { stepsFrom } from './reading.ts'

export interface Follower {
  readonly store: Store
  readonly clock: Clock
  /** Where it stood. */
  readonly after: string
  /** Deals with one; resolves with false when it is none of its business. What it throws ends the follower at the kept position. */
  take(notification: Notification, signal: AbortSignal): Promise<boolean>
  /** For one that deals with several at a time: resolves with whether everything that it took was dealt with. */
  settled?(): Promise<boolean>
  /** Keeps the position; what came after it is taken again by the next process. */
  save(after: string, taken: number): Promise<void>
  note(message: string): void
}

/** Milliseconds between two savings: so much may be taken twice after a crash. */
const saveMs = 1000

/** Follows until `signal` aborts; resolves when the position is kept. */
export async function follow(follower: Follower, signal: AbortSignal): Promise<void> {
  const { store, clock, save, note } = follower
  let position = await positionOf(follower.after, store).catch((error: unknown) => {
    note(`the position ${follower.after} is none here: ${error}`)
    return newestOf(store)
  })
  let taken = 0
  let saving: Promise<void> | undefined

  const saveNow = async () => {
    const [count, reached] = [taken, positionText(position)]
    taken = 0
    // Nothing taken, nothing to keep: keeping is a revision too, and would be followed by another one for ever.
    if (count > 0 && (await (follower.settled?.() ?? true))) await save(reached, count)
  }
  const saveSoon = () => {
    saving ??= clock
      .sleep(saveMs, signal)
      .catch(() => undefined)
      .then(saveNow)
      .catch((error: unknown) => note(`a position could not be kept: ${error}`))
      .finally(() => {
        saving = undefined
      })
  }

  async function pass(): Promise<void> {
    for await (const { revision, notifications } of stepsFrom(store, position, signal)) {
      for (const [index, each] of notifications.entries()) {
        const isMine = await follower.take(each, signal)
        if (signal.aborted) return
        const place = Number(each.message_id.split('.')[1])
        position = { revision, index: index === notifications.length - 1 ? Number.POSITIVE_INFINITY : place }
        if (!isMine) continue
        taken += 1
        saveSoon()
      }
      if (notifications.length === 0) position = { revision, index: Number.POSITIVE_INFINITY }
    }
  }

  try {
    await pass()
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'not-found') throw error
    note(`notifications after ${positionText(position)} are lost: ${error.message}`)
    position = await newestOf(store)
    await pass()
  } finally {
    await saving
    await saveNow()
  }
}

const newestOf = async (store: Store): Promise<Position> => ({
  revision: await store.read(async (reader) => reader.revision),
  index: Number.POSITIVE_INFINITY,
})
