/** The store of a place: a directory, or the URL of a database. */
import { openJsonStore } from '../../../src/state/json/json-store.ts'
import type { Store } from '../../../src/state/store.ts'
import { systemClock as clock } from '../../../src/system/clock.ts'
import { systemFs as fs } from '../../../src/system/fs.ts'
import { systemRandom as random } from '../../../src/system/random.ts'

export async function openPlace(place: string): Promise<Store> {
  if (!place.startsWith('postgres:')) return openJsonStore({ directory: place, fs, clock })
  const { openPostgresStore } = await import('../../../src/state/postgres/postgres-store.ts')
  return openPostgresStore({ url: place, clock, random, fs })
}
