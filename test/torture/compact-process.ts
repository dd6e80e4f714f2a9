/** A process that writes a snapshot of a state directory: DIRECTORY. */
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'

const [, , directory = ''] = process.argv
const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
await store.compact({ force: true })
await store.close()
