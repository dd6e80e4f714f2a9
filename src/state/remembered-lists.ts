/** Long lists of a store, read once a revision: a plan looks at the whole fleet for each server that it moves. */
import type { TableName, Tables } from '../model/tables.ts'
import { deepFreeze } from './record.ts'
import type { Query, Reader } from './store.ts'

/** Shorter lists are as quickly read again. */
const shortest = 256

/** A reader of the same revision as `base` that knows the long lists that any reader before it read of this revision. */
export function rememberedLists(): (base: Reader) => Reader {
  let known: { readonly revision: number; readonly lists: Map<string, readonly unknown[]> } = { revision: -1, lists: new Map() }

  return (base) => {
    if (known.revision !== base.revision) known = { revision: base.revision, lists: new Map() }
    const { lists } = known

    async function list<N extends TableName>(table: N, query: Query<N> = {}): Promise<Tables[N][]> {
      const { where = {}, ...page } = query
      if (Object.values(page).some((value) => value !== undefined && value !== false)) return base.list(table, query)
      const key = `${table} ${JSON.stringify(where)}`
      const before = lists.get(key)
      // The key names the table.
      if (before) return [...before] as Tables[N][]
      const records = await base.list(table, query)
      if (records.length < shortest) return records
      // They are shared from now on.
      lists.set(key, deepFreeze([...records]))
      return records
    }

    return {
      revision: base.revision,
      get: (table, id) => base.get(table, id),
      count: (table, query) => base.count(table, query),
      list,
    }
  }
}
