import type { Clock } from '../core/ports.ts'
import type { Store } from './store.ts'

/** Milliseconds of the clock that all processes of a store share: the database's, or this machine's for files on it. */
export const storeNow = async (store: Store, clock: Clock): Promise<number> => (await store.now?.()) ?? clock.wall()
