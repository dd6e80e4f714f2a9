import type { Clock } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import { defaultFlavors } from '../model/flavor.ts'
import type { Store } from './store.ts'

/** Writes Nova's five flavors into a store that has no revision yet; a store that another process began is left alone. */
export async function seedStore(store: Store, clock: Clock): Promise<void> {
  const createdAt = iso(clock.wall())
  await store.transaction({ actor: 'novakit', request: 'seed', action: 'db.sync' }, async (tx) => {
    if (tx.revision > 0) return
    for (const [id, name, ram, vcpus, disk] of defaultFlavors)
      await tx.insert('flavors', {
        id,
        name,
        ram,
        vcpus,
        disk,
        ephemeral: 0,
        swap: 0,
        extraSpecs: [],
        isPublic: true,
        description: null,
        createdAt,
      })
  })
}
