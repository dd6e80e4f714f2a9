/** All tables at one revision, and the readers that still look at an earlier one. */
import { type TableName, tableNames } from '../model/tables.ts'
import { type BaseTable, emptyBase } from './base-table.ts'
import { RecentChanges } from './recent-changes.ts'
import type { Item, RawChange } from './record.ts'
import { type FrozenTable, TableState } from './table-state.ts'

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

/** Everything as it was at one moment, however it changes meanwhile. */
export interface FrozenState {
  readonly revision: number
  readonly at: string
  readonly tables: ReadonlyMap<TableName, FrozenTable>
  /** What was replaced since. */
  readonly seen: Overrides
}

type TableStates = ReadonlyMap<TableName, TableState>

export class State {
  revision: number
  /** ISO time of the newest revision; '' before the first. */
  at: string
  readonly recent: RecentChanges
  readonly #tables: TableStates
  readonly #pins = new Set<Overrides>()

  constructor(
    bases: ReadonlyMap<TableName, BaseTable> = new Map(),
    revision = 0,
    at = '',
    kept?: { readonly tables: TableStates; readonly recent: RecentChanges },
  ) {
    this.revision = revision
    this.at = at
    this.recent = kept?.recent ?? new RecentChanges(revision)
    this.#tables = kept?.tables ?? new Map(tableNames.map((name) => [name, new TableState(name, bases.get(name) ?? emptyBase)]))
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
    this.recent.note(this.revision, changes)
  }

  /** What is there now, for who reads it in pieces; `seen` is pinned until somebody unpins it. */
  freeze(): FrozenState {
    const seen = this.pin()
    const frozen = (name: TableName) => this.table(name).freeze((id) => seen.tables.get(name)?.get(id))
    return { revision: this.revision, at: this.at, seen, tables: new Map(tableNames.map((name) => [name, frozen(name)])) }
  }

  /**
   * The newest revision over `bases`, which hold what `frozen` was. Indexes in memory go on in it, and so do views that are
   * kept between transactions. This one stays for its readers; it may not be committed to any more.
   */
  rebased(bases: ReadonlyMap<TableName, BaseTable>, { tables, seen }: FrozenState): State {
    const moved = (name: TableName) => {
      const nextSeq = tables.get(name)?.nextSeq ?? 0
      return this.table(name).rebased(bases.get(name) ?? emptyBase, seen.tables.get(name) ?? new Map(), nextSeq)
    }
    const kept = { tables: new Map(tableNames.map((name) => [name, moved(name)])), recent: this.recent }
    return new State(bases, this.revision, this.at, kept)
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
