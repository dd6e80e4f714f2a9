/** One table at the newest revision: a base (snapshot) under the changes since. */
import { type TableName, tableShapes } from '../model/tables.ts'
import type { BaseTable } from './base-table.ts'
import type { FieldIndex } from './field-index.ts'
import { FieldIndexes } from './field-indexes.ts'
import { type Conditions, fieldOf, matches } from './matching.ts'
import { type Item, type RawChange, TextItem } from './record.ts'

export interface Scan {
  readonly conditions: Conditions
  readonly newestFirst: boolean
  /** Only items beyond this position, in the direction of the scan. */
  readonly after?: number
}

/** Records that an index takes before others may run. */
const indexedTogether = 64

/** Questions about a field before an index of it is kept in memory. */
const questionsBeforeIndex = 8

/** A table as it was at one moment. */
export interface FrozenTable {
  readonly count: number
  readonly nextSeq: number
  /** In order, to be read once. */
  readonly items: Iterable<Item>
}

export class TableState {
  nextSeq: number
  readonly name: TableName
  readonly #base: BaseTable
  /** Base ids that were replaced, or null when removed. */
  readonly #changed = new Map<string, Item | null>()
  /** Newer than the base, in creation order. */
  readonly #added = new Map<string, Item>()
  readonly #indexes = new FieldIndexes((index, field) => this.#fill(index, field))
  readonly #questions = new Map<string, number>()
  #removed = 0

  constructor(name: TableName, base: BaseTable) {
    this.name = name
    this.#base = base
    this.nextSeq = base.count
  }

  get count(): number {
    return this.#base.count + this.#added.size - this.#removed
  }

  /** True when the process has read what finds ids. */
  get isRead(): boolean {
    return this.#base.isRead
  }

  get(id: string): Item | undefined {
    const added = this.#added.get(id)
    if (added) return added
    const changed = this.#changed.get(id)
    if (changed !== undefined) return changed ?? undefined
    const seq = this.#base.find(id)
    return seq < 0 ? undefined : this.#base.item(seq)
  }

  /** Applies one change and returns what was there before, when that is wanted. */
  apply({ id, text, isNew }: RawChange, wantsPrevious: boolean): Item | undefined {
    const isLookedUp = isNew === undefined || (!isNew && (wantsPrevious || !this.#indexes.isEmpty))
    const previous = isLookedUp ? this.get(id) : undefined
    if (previous && !this.#indexes.isEmpty) this.#indexes.remove(previous)
    if (text === null) {
      if (previous || isNew === false) this.#remove(id)
      return previous
    }
    const item = this.#put(id, text, isNew ?? !previous)
    if (!this.#indexes.isEmpty) this.#indexes.add(item)
    return previous
  }

  /** Items that meet all conditions, in order. */
  *scan(scan: Scan): Generator<Item> {
    const indexed = this.#candidates(scan.conditions)
    if (indexed) yield* inOrder(indexed, scan)
    else if (scan.newestFirst) {
      yield* this.#scanAdded(scan)
      yield* this.#scanBase(scan)
    } else {
      yield* this.#scanBase(scan)
      yield* this.#scanAdded(scan)
    }
  }

  /** Reads piece by piece what finds ids and values of `field`: after the last piece questions make no long pause. */
  *pieces(field?: string): Generator<void> {
    yield* this.#base.pieces()
    if (field !== undefined) yield* this.#indexes.pieces(field)
  }

  /** What is there now; `replaced` tells later what was there of an id that changed since, null for nothing. */
  freeze(replaced: (id: string) => Item | null | undefined): FrozenTable {
    return { count: this.count, nextSeq: this.nextSeq, items: this.#frozen(new Map(this.#added), replaced) }
  }

  /**
   * The same records over `base`, which holds what was frozen before `nextSeq`; `touched` has what was replaced since then.
   * This one gives its indexes away.
   */
  rebased(base: BaseTable, touched: ReadonlyMap<string, Item | null>, nextSeq: number): TableState {
    const next = new TableState(this.name, base)
    const isNew = ({ seq, id }: Item) => this.#added.has(id) && seq >= nextSeq
    for (const [id, was] of touched) {
      const now = was && this.get(id)
      if (was) next.apply({ table: this.name, id, text: now && !isNew(now) ? now.text() : null, isNew: false }, false)
    }
    for (const item of this.#added.values())
      if (item.seq >= nextSeq) next.apply({ table: this.name, id: item.id, text: item.text(), isNew: true }, false)
    this.#indexes.moveTo(next.#indexes)
    return next
  }

  /** Ids whose `field` has `value`, by an index that is built now when there is none. */
  idsWith(field: string, value: unknown): Iterable<string> {
    return this.#indexes.of(field).idsOf(value)
  }

  #put(id: string, text: string | Buffer, isNew: boolean): Item {
    const added = isNew ? undefined : this.#added.get(id)
    const seq = isNew ? this.nextSeq++ : (added?.seq ?? (() => this.#base.find(id)))
    const item = new TextItem(seq, id, text)
    if (isNew || added) this.#added.set(id, item)
    else this.#changed.set(id, item)
    return item
  }

  #remove(id: string): void {
    if (this.#added.delete(id) || this.#changed.get(id) === null) return
    this.#changed.set(id, null)
    this.#removed += 1
  }

  #candidates(conditions: Conditions): Item[] | undefined {
    const shape: readonly string[] = tableShapes[this.name].indexes
    for (const [field, value] of conditions) {
      if (!shape.includes(field) || typeof value === 'object') continue
      const asked = (this.#questions.get(field) ?? 0) + 1
      this.#questions.set(field, asked)
      if (asked <= questionsBeforeIndex && !this.#indexes.has(field)) continue
      // A boolean splits a table in halves; a scan in order is then as good and may stop early.
      if (typeof value === 'boolean' && conditions.length === 1 && value === false) continue
      const index = this.#indexes.of(field)
      // So does a value that a quarter of the table has.
      if (index.countOf(value) * 4 > this.#base.count + this.#added.size) continue
      const items = [...index.idsOf(value)].flatMap((id) => this.get(id) ?? [])
      // The index has answered a lone condition already.
      return conditions.length === 1 ? items : items.filter((item) => matches(item.record(), conditions))
    }
    return undefined
  }

  *#scanAdded({ conditions, newestFirst, after }: Scan): Generator<Item> {
    const items = newestFirst ? [...this.#added.values()].reverse() : this.#added.values()
    for (const item of items) {
      if (after !== undefined && (newestFirst ? item.seq >= after : item.seq <= after)) continue
      if (conditions.length === 0 || matches(item.record(), conditions)) yield item
    }
  }

  *#scanBase({ conditions, newestFirst, after }: Scan): Generator<Item> {
    const base = this.#base
    const known = conditions.map(([field, value]) => [base.fields.indexOf(field), value] as const).filter(([at]) => at >= 0)
    const isCovered = known.length === conditions.length
    const end = base.count
    let seq = newestFirst ? Math.min(end, after ?? end) - 1 : (after ?? -1) + 1
    for (; seq >= 0 && seq < end; seq += newestFirst ? -1 : 1) {
      const row = base.row(seq)
      const changed = this.#changed.get(row.id)
      if (changed === null) continue
      if (changed === undefined && !known.every(([at, value]) => row.values[at] === value)) continue
      const item = changed ?? base.item(seq)
      if ((isCovered && changed === undefined) || matches(item.record(), conditions)) yield item
    }
  }

  /** Each step looks at what is there by then: changes may come between any two. */
  *#frozen(added: ReadonlyMap<string, Item>, replaced: (id: string) => Item | null | undefined): Generator<Item> {
    for (let seq = 0; seq < this.#base.count; seq += 1) {
      const { id } = this.#base.row(seq)
      // One that was removed and added again comes with the added ones.
      if (added.has(id)) continue
      const was = replaced(id)
      const item = was === undefined ? this.#changed.get(id) : was
      if (item !== null) yield item ?? this.#base.item(seq)
    }
    yield* added.values()
  }

  /** What changes between two pieces is in the index already when its turn comes: adding it again does nothing. */
  *#fill(index: FieldIndex, field: string): Generator<void> {
    const base = this.#base
    const at = base.fields.indexOf(field)
    for (let seq = 0; seq < base.count; seq += 1) {
      const row = base.row(seq)
      if (!this.#changed.has(row.id)) index.add(at < 0 ? fieldOf(base.item(seq).record(), field) : row.values[at], row.id)
      if (seq % indexedTogether === 0) yield
    }
    let done = 0
    for (const items of [this.#changed, this.#added])
      for (const item of items.values()) {
        if (item) index.add(fieldOf(item.record(), field), item.id)
        if (++done % indexedTogether === 0) yield
      }
  }
}

function inOrder(items: Item[], { newestFirst, after }: Scan): Item[] {
  const beyond = items.filter((item) => after === undefined || (newestFirst ? item.seq < after : item.seq > after))
  return beyond.sort((one, other) => (newestFirst ? other.seq - one.seq : one.seq - other.seq))
}
