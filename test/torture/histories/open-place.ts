/** The store of a place: a directory, or the URL of a database. */
import { asFault } from '../../../src/core/fault.ts'
import { openJsonStore } from '../../../src/state/json/json-store.ts'
import type { Store } from '../../../src/state/store.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { systemRandom as random } from '../../../src/system/random.ts'

const patienceMs = 60_000

/** A server that is being killed again and again is away now and then. */
export async function openPlace(place: string): Promise<Store> {
  if (!place.startsWith('postgres:')) return openJsonStore({ directory: place, fs, clock })
  const { openPostgresStore } = await import('../../../src/state/postgres/postgres-store.ts')
  for (const end = clock.monotonic() + patienceMs; ; )
    try {
      return await openPostgresStore({ url: place, clock, random, fs })
    } catch (error) {
      if (asFault(error).kind !== 'unreachable' || clock.monotonic() > end) throw error
    }
}
