/** What the newest revisions touched, for views that are kept between transactions. */
import type { TableName } from '../model/tables.ts'
import type { RawChange } from './record.ts'

type Touched = readonly (readonly [TableName, string])[]

/** Revisions of which it is known what they touched. */
const revisionsKnown = 4096

export class RecentChanges {
  #newest: number
  /** Nothing is noted before somebody asked. */
  #revisions: Touched[] | undefined

  constructor(newest: number) {
    this.#newest = newest
  }

  note(revision: number, changes: readonly RawChange[]): void {
    this.#newest = revision
    this.#revisions?.push(changes.map(({ table, id }) => [table, id]))
    if (this.#revisions && this.#revisions.length > 2 * revisionsKnown) this.#revisions.splice(0, revisionsKnown)
  }

  /** Ids by table that revisions after `revision` touched; undefined when that is not known. */
  since(revision: number): ReadonlyMap<TableName, ReadonlySet<string>> | undefined {
    this.#revisions ??= []
    const from = this.#revisions.length - (this.#newest - revision)
    if (from < 0 || revision > this.#newest) return undefined
    const found = new Map<TableName, Set<string>>()
    for (const touched of this.#revisions.slice(from))
      for (const [table, id] of touched) {
        const ids = found.get(table)
        if (ids) ids.add(id)
        else found.set(table, new Set([id]))
      }
    return found
  }
}
