/** Notifications of everything that a store holds. */
import type { Notification } from '../../src/model/notification.ts'
import { positionOf } from '../../src/notifications/position.ts'
import { stepsFrom } from '../../src/notifications/reading.ts'
import type { Store } from '../../src/state/store.ts'

/** All notifications behind `since` up to the newest revision. */
export async function toldBy(store: Store, since = '0'): Promise<Notification[]> {
  const newest = await store.read(async (reader) => reader.revision)
  const stop = new AbortController()
  const told: Notification[] = []
  const position = await positionOf(since, store)
  if (position.revision >= newest && !Number.isFinite(position.index)) return told
  for await (const { revision, notifications } of stepsFrom(store, position, stop.signal)) {
    told.push(...notifications)
    if (revision === newest) stop.abort()
  }
  return told
}

export const typesOf = (told: readonly Notification[]) => told.map(({ event_type }) => event_type)
