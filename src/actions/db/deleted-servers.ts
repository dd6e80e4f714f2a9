/** Deleted servers in the order of their creation, a window at a time, so that memory stays bounded however many there are. */
import type { Clock } from '../../core/ports.ts'
import type { Store } from '../../state/store.ts'

/** Servers that are looked at before others may run, and ids that are kept at once. */
const page = 200
const window = 20_000

export interface DeletedQuery {
  /** Only what was deleted before this ISO 8601 time. */
  readonly before: string | undefined
  readonly clock: Clock
}

/**
 * Ids of deleted servers, oldest first. Each window is read when the one before was worked through, from the last server
 * that stayed; ids that the caller leaves where they are do not come again.
 */
export async function* deletedServers(store: Store, { before, clock }: DeletedQuery): AsyncGenerator<string> {
  const seen = new Set<string>()
  for (let marker: string | undefined; ; ) {
    const found = await store.read(async (reader) => {
      const ids: string[] = []
      const start = marker !== undefined && (await reader.get('servers', marker)) ? marker : undefined
      let last = start
      let stayed = start
      while (ids.length < window) {
        const servers = await reader.list('servers', { limit: page, ...(last === undefined ? {} : { marker: last }) })
        for (const { id, deleted, deletedAt } of servers) {
          if (!deleted || deletedAt === null || (before !== undefined && deletedAt >= before)) stayed = id
          else if (!seen.has(id)) ids.push(id)
        }
        last = servers.at(-1)?.id ?? last
        if (servers.length < page) break
        await clock.sleep(0)
      }
      return { ids, stayed }
    })
    if (found.ids.length === 0) return
    for (const id of found.ids) {
      seen.add(id)
      yield id
    }
    await store.read(async (reader) => {
      let looked = 0
      for (const id of seen) {
        if (!(await reader.get('servers', id))) seen.delete(id)
        if (++looked % page === 0) await clock.sleep(0)
      }
    })
    marker = found.stayed
  }
}
