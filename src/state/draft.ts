/** A store over another one: reads go through, writes stay in memory. What --plan works on. */
import type { TableName } from '../model/tables.ts'
import { type DraftTables, mergedTables } from './draft-tables.ts'
import { DraftTransaction } from './draft-transaction.ts'
import { rememberedLists } from './remembered-lists.ts'
import type { Authorship, Change, ChangeLog, Reader, Revision, Store, Transaction } from './store.ts'

export interface DraftStore extends Store {
  /** What the drafted transactions changed, in order. */
  readonly changes: () => readonly Change[]
}

/** A store whose transactions stack in memory over `store`, which never changes. Times are those of the newest base revision. */
export function draftOf(store: Store): DraftStore {
  let drafted: DraftTables = new Map()
  const revisions: Omit<Revision, 'revision'>[] = []
  let places = 0
  const nextPlace = () => places++
  const remembering = rememberedLists()
  let known = { revision: -1, of: {} }
  let tail: Promise<unknown> = Promise.resolve()

  const over = (base: Reader): DraftTransaction => {
    if (known.revision !== base.revision) known = { revision: base.revision, of: {} }
    const since: ChangeLog['since'] = (revision) =>
      revision < base.revision ? undefined : touchedBy(revisions.slice(revision - base.revision))
    return new DraftTransaction(remembering(base), drafted, base.revision + revisions.length, { of: known.of, since }, nextPlace)
  }

  async function run<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const { result, staged, changes } = await store.read(async (base) => {
      const tx = over(base)
      try {
        return { result: await body(tx), staged: tx.staged, changes: tx.changes }
      } finally {
        tx.finish()
      }
    })
    if (changes.length === 0) return result
    drafted = mergedTables(drafted, staged)
    const { actor, request, action } = authorship
    revisions.push({ actor, request, action, at: '', changes })
    return result
  }

  return {
    read(body, moment) {
      // A past moment of the base is the base's own; drafted revisions have no past.
      if (moment !== undefined) return store.read(body, moment)
      return store.read((base) => body(over(base)))
    },
    transaction(authorship, body) {
      const ran = tail.then(() => run(authorship, body))
      tail = ran.catch(() => undefined)
      return ran
    },
    async history(table, id) {
      const base = await store.read(async (reader) => reader.revision)
      const own = revisions.map((revision, index) => ({ ...revision, revision: base + index + 1 }))
      return [...(await store.history(table, id)), ...own.filter(({ changes }) => touches(changes, table, id))]
    },
    historyStart: async () => store.historyStart?.(),
    purgeHistory: async (before) => (await store.purgeHistory?.(before, { planned: true })) ?? { revisions: 0, changes: 0 },
    ...feedOf(store, () => revisions),
    changes: () => revisions.flatMap((revision) => revision.changes),
    async compact() {},
    close: async () => void (await tail),
  }
}

/** The base's revisions, then those that were drafted over it: nobody else writes there, so that it ends. */
function feedOf(store: Store, drafted: () => readonly Omit<Revision, 'revision'>[]): Pick<Store, 'watch'> {
  if (!store.watch) return {}
  return {
    async *watch(from, signal) {
      const base = await store.read(async (reader) => reader.revision)
      if (from < base)
        for await (const revision of store.watch?.(from, signal) ?? []) {
          yield revision
          if (revision.revision >= base) break
        }
      for (const [index, one] of drafted().entries()) if (base + index >= from) yield { ...one, revision: base + index + 1 }
    },
  }
}

const touches = (changes: readonly Change[], table: TableName, id: string) =>
  changes.some((change) => change.table === table && change.id === id)

function touchedBy(revisions: readonly Pick<Revision, 'changes'>[]): ReadonlyMap<TableName, ReadonlySet<string>> {
  const found = new Map<TableName, Set<string>>()
  for (const { table, id } of revisions.flatMap(({ changes }) => changes)) {
    const ids = found.get(table) ?? new Set()
    found.set(table, ids.add(id))
  }
  return found
}
