/** Reads one whole revision of a state, whatever is committed meanwhile. */
import { Fault } from '../core/fault.ts'
import type { TableName, Tables } from '../model/tables.ts'
import { type Conditions, conditionsOf, matches } from './matching.ts'
import { type Item, typed } from './record.ts'
import type { Overrides, State } from './state.ts'
import type { ChangeLog, Query, Reader } from './store.ts'
import type { Scan } from './table-state.ts'

export class StateReader implements Reader {
  readonly revision: number
  readonly at: string
  protected readonly state: State
  protected readonly overrides: Overrides

  constructor(state: State, overrides: Overrides, revision = state.revision) {
    this.state = state
    this.overrides = overrides
    this.revision = revision
    this.at = state.at
  }

  get log(): ChangeLog | undefined {
    return { of: this.state.recent, since: (revision) => this.state.recent.since(revision) }
  }

  async get<N extends TableName>(table: N, id: string): Promise<Tables[N] | undefined> {
    const item = this.item(table, id)
    return item && typed<N>(item.record())
  }

  async list<N extends TableName>(table: N, query: Query<N> = {}): Promise<Tables[N][]> {
    const records: Tables[N][] = []
    const limit = query.limit ?? Number.POSITIVE_INFINITY
    if (limit <= 0) return records
    for (const item of this.scan(table, this.#scanOf(table, query))) {
      records.push(typed<N>(item.record()))
      if (records.length >= limit) break
    }
    return records
  }

  /** How many records match `where`; paging is not considered. */
  async count<N extends TableName>(table: N, query: Query<N> = {}): Promise<number> {
    const conditions = conditionsOf(query.where)
    if (conditions.length === 0 && !this.overrides.tables.has(table)) return this.state.table(table).count
    let found = 0
    for (const _ of this.scan(table, { conditions, newestFirst: false })) found += 1
    return found
  }

  pieces<N extends TableName>(table: N, field?: keyof Tables[N] & string): Iterable<void> {
    return this.state.table(table).pieces(field)
  }

  /** Every item in order, for snapshots. */
  items(table: TableName): Generator<Item> {
    return this.scan(table, { conditions: [], newestFirst: false })
  }

  protected item(table: TableName, id: string): Item | undefined {
    const override = this.overrides.tables.get(table)?.get(id)
    return override === undefined ? this.state.table(table).get(id) : (override ?? undefined)
  }

  protected *scan(table: TableName, scan: Scan): Generator<Item> {
    // Looked up at every step: a commit between two steps may add the first override of this table.
    const own = () => this.overrides.tables.get(table)
    const extra = overriding(own(), scan)
    let next = extra.shift()
    const isBefore = (one: Item, other: Item) => (scan.newestFirst ? one.seq > other.seq : one.seq < other.seq)
    for (const item of this.state.table(table).scan(scan)) {
      if (own()?.has(item.id)) continue
      for (; next && isBefore(next, item); next = extra.shift()) yield next
      yield item
    }
    for (; next; next = extra.shift()) yield next
  }

  #scanOf<N extends TableName>(table: N, query: Query<N>): Scan {
    const conditions: Conditions = conditionsOf(query.where)
    const newestFirst = query.newestFirst ?? false
    if (query.marker === undefined) return { conditions, newestFirst }
    const marker = this.item(table, query.marker)
    if (!marker) throw new Fault('invalid', `marker ${query.marker} is not in ${table}`)
    return { conditions, newestFirst, after: marker.seq }
  }
}

function overriding(items: ReadonlyMap<string, Item | null> | undefined, { conditions, newestFirst, after }: Scan): Item[] {
  if (!items) return []
  const found: Item[] = []
  for (const item of items.values()) {
    if (!item || (after !== undefined && (newestFirst ? item.seq >= after : item.seq <= after))) continue
    if (conditions.length === 0 || matches(item.record(), conditions)) found.push(item)
  }
  return found.sort((one, other) => (newestFirst ? other.seq - one.seq : one.seq - other.seq))
}
