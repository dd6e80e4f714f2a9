/** One pass over history: the revisions that are to be undone, what touched their records since, and what was undone. */
import { Fault } from '../../core/fault.ts'
import type { Change, Revision, Store } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { type Mark, undoesOf } from './undo-words.ts'

export interface Seen {
  readonly targets: readonly Revision[]
  /** Revisions after the first target that touched a record of the targets, oldest first, the targets themselves left out. */
  readonly later: readonly Revision[]
  readonly marks: readonly Mark[]
  /** The newest revision that was looked at. */
  readonly newest: number
}

export const keyOf = ({ table, id }: Pick<Change, 'table' | 'id'>) => `${table}/${id}`

/** Looks at everything behind revision `from`. */
export async function lookAt(
  { store, signal }: Pick<Context, 'store' | 'signal'>,
  from: number,
  isTarget: (revision: Revision) => boolean,
): Promise<Seen> {
  const touched = new Set<string>()
  const targets: Revision[] = []
  const later: Revision[] = []
  const marks: Mark[] = []
  let newest = from
  for await (const revision of revisionsAfter(store, from, signal)) {
    newest = revision.revision
    const undoes = undoesOf(revision.action)
    if (undoes) marks.push({ revision: newest, request: revision.request, undoes })
    if (isTarget(revision)) {
      targets.push(revision)
      for (const change of revision.changes) touched.add(keyOf(change))
    } else if (revision.changes.some((change) => touched.has(keyOf(change)))) later.push(revision)
  }
  return { targets, later, marks, newest }
}

/** The revisions that are there now behind `from`, oldest first. */
export async function* revisionsAfter(store: Store, from: number, signal: AbortSignal): AsyncGenerator<Revision> {
  if (!store.watch) throw new Fault('unsupported', 'this store has no feed of changes')
  const newest = await store.read(async (reader) => reader.revision)
  if (from >= newest) return
  const stop = new AbortController()
  try {
    for await (const revision of store.watch(from, AbortSignal.any([signal, stop.signal]))) {
      yield revision
      if (revision.revision >= newest) return
    }
  } finally {
    stop.abort()
  }
  // What was seen of a pass that was cut short is not all that there is.
  signal.throwIfAborted()
}

/** The revision behind which history can be read. */
export const historyBegin = async ({ store }: Pick<Context, 'store'>): Promise<number> =>
  (await store.historyStart?.())?.revision ?? 0
