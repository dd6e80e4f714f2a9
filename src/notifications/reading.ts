/** One pass over the revisions of a store as notifications, from a position on. */
import { Fault } from '../core/fault.ts'
import type { Notification } from '../model/notification.ts'
import type { Store } from '../state/store.ts'
import { notificationsOf } from './derive.ts'
import { memoryAt } from './memory.ts'
import type { Position } from './position.ts'

export interface Step {
  readonly revision: number
  /** May be none: not every revision is worth a word. */
  readonly notifications: readonly Notification[]
}

/** Every revision behind `position` in order, then each as it is committed, until `signal` aborts. */
export async function* stepsFrom(store: Store, position: Position, signal: AbortSignal): AsyncGenerator<Step> {
  if (!store.watch) throw new Fault('unsupported', 'this store has no feed of changes')
  // Behind a part of a revision: that one is derived again, and what was taken of it is left out.
  const from = Number.isFinite(position.index) ? position.revision - 1 : position.revision
  const memory = await store.read(memoryAt, { revision: from })
  for await (const revision of store.watch(from, signal)) {
    const all = notificationsOf(revision, memory)
    const isPart = revision.revision === position.revision
    yield { revision: revision.revision, notifications: isPart ? all.slice(position.index + 1) : all }
  }
}
