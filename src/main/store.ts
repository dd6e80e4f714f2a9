/** The composition root's side of the records: which store serves a state directory. */
import { openJsonStore } from '../state/json/json-store.ts'
import type { Store } from '../state/store.ts'
import { systemClock } from '../system/clock.ts'
import { systemFs } from '../system/fs.ts'

/** The store of a state directory; nothing is read before the first question. */
export const openStore = (stateDirectory: string): Store =>
  openJsonStore({ directory: stateDirectory, fs: systemFs, clock: systemClock })
