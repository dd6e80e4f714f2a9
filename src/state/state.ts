/** All tables at one revision, and the readers that still look at an earlier one. */
import { type TableName, tableNames } from '../model/tables.ts'
import { type BaseTable, emptyBase } from './base-table.ts'
import type { Item, RawChange } from './record.ts'
import { TableState } from './table-state.ts'

/** Items as they are for one view, where they differ from the newest state; null is absent. */
export class Overrides {
  readonly tables = new Map<TableName, Map<string, Item | null>>()

  /** Keeps the first item noted for an id: the oldest is what the view saw. */
  note(table: TableName, id: string, item: Item | null): void {
    const items = this.tables.get(table)
    if (!items) this.tables.set(table, new Map([[id, item]]))
    else if (!items.has(id)) items.set(id, item)
  }

  set(table: TableName, id: string, item: Item | null): void {
    const items = this.tables.get(table)
    if (items) items.set(id, item)
    else this.tables.set(table, new Map([[id, item]]))
  }

  copy(): Overrides {
    const copy = new Overrides()
    for (const [table, items] of this.tables) copy.tables.set(table, new Map(items))
    return copy
  }
}

/** Revisions of which it is known what they touched. */
const revisionsKnown = 4096

export class State {
  revision: number
  /** ISO time of the newest revision; '' before the first. */
  at: string
  readonly #tables: ReadonlyMap<TableName, TableState>
  readonly #pins = new Set<Overrides>()
  /** What the newest revisions touched; nothing is noted before somebody asked. */
  #recent: (readonly (readonly [TableName, string])[])[] | undefined

  constructor(bases: ReadonlyMap<TableName, BaseTable> = new Map(), revision = 0, at = '') {
    this.revision = revision
    this.at = at
    this.#tables = new Map(tableNames.map((name) => [name, new TableState(name, bases.get(name) ?? emptyBase)]))
  }

  table(name: TableName): TableState {
    const table = this.#tables.get(name)
    if (!table) throw new RangeError(`there is no table ${String(name)}`)
    return table
  }

  /** Makes `changes` the next revision. */
  commit(changes: readonly RawChange[], at: string): void {
    for (const change of changes) {
      const { table, id } = change
      const previous = this.table(table).apply(change, this.#pins.size > 0)
      for (const pin of this.#pins) pin.note(table, id, previous ?? null)
    }
    this.revision += 1
    this.at = at
    this.#recent?.push(changes.map(({ table, id }) => [table, id]))
    if (this.#recent && this.#recent.length > 2 * revisionsKnown) this.#recent.splice(0, revisionsKnown)
  }

  /** Ids by table that revisions after `revision` touched; undefined when that is not known. */
  touchedSince(revision: number): ReadonlyMap<TableName, ReadonlySet<string>> | undefined {
    this.#recent ??= []
    const from = this.#recent.length - (this.revision - revision)
    if (from < 0 || revision > this.revision) return undefined
    const found = new Map<TableName, Set<string>>()
    for (const touched of this.#recent.slice(from))
      for (const [table, id] of touched) {
        const ids = found.get(table)
        if (ids) ids.add(id)
        else found.set(table, new Set([id]))
      }
    return found
  }

  /** From now on `overrides` collects what later commits replace, until `unpin`. */
  pin(overrides = new Overrides()): Overrides {
    this.#pins.add(overrides)
    return overrides
  }

  unpin(overrides: Overrides): void {
    this.#pins.delete(overrides)
  }
}
