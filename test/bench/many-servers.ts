/** A state directory with many servers in one project, as records alone. */
import { openJsonStore } from '../../src/state/json/json-store.ts'
import { seedStore } from '../../src/state/seed.ts'
import { systemClock } from '../../src/system/clock.ts'
import { systemFs } from '../../src/system/fs.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aServer } from '../support/a-server.ts'

/** Makes `count` of them; `compact` leaves them in a snapshot and not in the journal. */
export async function fillServers(directory: string, count: number, { compact }: { readonly compact: boolean }): Promise<void> {
  const store = openJsonStore({ directory, fs: systemFs, clock: systemClock })
  await seedStore(store, systemClock)
  const authorship = { actor: 'bench', request: 'req-1', action: 'server.create' }
  for (let from = 0; from < count; from += 500)
    await store.transaction(authorship, async (tx) => {
      for (let index = from; index < Math.min(count, from + 500); index++)
        await tx.insert('servers', aServer({ id: systemRandom.uuid(), name: `web-${index}`, projectId: 'default' }))
    })
  if (compact) await store.compact({ force: true })
  await store.close()
}
