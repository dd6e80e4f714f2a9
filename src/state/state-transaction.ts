/** Stages writes over a state; nothing changes there until the store commits `changes`. */
import { Fault } from '../core/fault.ts'
import { type TableName, type Tables, tableShapes } from '../model/tables.ts'
import { fieldOf } from './matching.ts'
import { type Item, type RawChange, recordText, type StoredRecord, TextItem } from './record.ts'
import { Overrides, type State } from './state.ts'
import { StateReader } from './state-reader.ts'
import type { ChangeLog, Transaction } from './store.ts'

export class StateTransaction extends StateReader implements Transaction {
  readonly changes: RawChange[] = []
  /** Where in `changes` a record stands that may be written again. */
  readonly #places = new Map<string, number>()
  #inserted = 0
  #isOver = false

  /** `show` may change what is seen of records before anything is written. */
  constructor(state: State, show?: (seen: Overrides) => void) {
    super(state, new Overrides())
    show?.(this.overrides)
  }

  /** Undefined once it wrote: its own changes are in no log yet. */
  override get log(): ChangeLog | undefined {
    return this.changes.length > 0 ? undefined : super.log
  }

  async insert<N extends TableName>(table: N, record: Omit<Tables[N], 'generation'>): Promise<Tables[N]> {
    return this.#add(table, { ...record, generation: 1 } as unknown as Tables[N])
  }

  async restore<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]> {
    return this.#add(table, { ...record, generation: record.generation + 1 })
  }

  async update<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]> {
    this.#refuseWhenOver()
    const stored = this.item(table, record.id)
    if (!stored) throw new Fault('not-found', `${table} has no ${record.id}`)
    const { generation } = stored.record()
    if (generation !== record.generation) {
      throw new Fault(
        'conflict',
        `${table} ${record.id} is at generation ${generation}, the change was made to ${record.generation}`,
      )
    }
    const next = { ...record, generation: generation + 1 }
    this.#stage(table, next, stored.seq, false)
    return next
  }

  async remove<N extends TableName>(table: N, id: string): Promise<void> {
    this.#refuseWhenOver()
    if (!this.item(table, id)) return
    this.overrides.set(table, id, null)
    this.#places.delete(`${table}/${id}`)
    this.changes.push({ table, id, text: null, isNew: false })
  }

  /** Refuses every later write: the body has returned. */
  finish(): void {
    this.#isOver = true
  }

  #add<N extends TableName>(table: N, fresh: Tables[N]): Tables[N] {
    this.#refuseWhenOver()
    if (this.item(table, fresh.id)) throw new Fault('exists', `${table} already has ${fresh.id}`)
    const seq = this.state.table(table).nextSeq + this.#inserted
    this.#inserted += 1
    this.#stage(table, fresh, seq, true)
    return fresh
  }

  #stage<N extends TableName>(table: N, record: Tables[N], seq: number, isNew: boolean): void {
    const text = recordText(table, record)
    const item = new TextItem(seq, record.id, text)
    this.#checkUnique(table, item, record as unknown as StoredRecord)
    this.overrides.set(table, record.id, item)
    this.#note({ table, id: record.id, text, isNew })
  }

  /** A record that is written twice is one change: what it is at the end. */
  #note(change: RawChange & { readonly isNew: boolean }): void {
    const key = `${change.table}/${change.id}`
    const place = this.#places.get(key)
    const before = place === undefined ? undefined : this.changes[place]
    if (place === undefined || !before) this.#places.set(key, this.changes.push(change) - 1)
    else this.changes[place] = { ...change, isNew: before.isNew ?? change.isNew }
  }

  #checkUnique(table: TableName, item: Item, record: StoredRecord): void {
    for (const field of tableShapes[table].unique) {
      const value = fieldOf(record, field)
      if (value === null) continue
      const holder = this.#holderOf(table, field, value)
      if (holder !== undefined && holder !== item.id) {
        throw new Fault('exists', `${table} already has ${field} ${String(value)} (${holder})`)
      }
    }
  }

  #holderOf(table: TableName, field: string, value: unknown): string | undefined {
    const staged = this.overrides.tables.get(table)
    for (const item of staged?.values() ?? []) {
      if (item && fieldOf(item.record(), field) === value) return item.id
    }
    for (const id of this.state.table(table).idsWith(field, value)) {
      if (!staged?.has(id)) return id
    }
    return undefined
  }

  #refuseWhenOver(): void {
    if (this.#isOver) throw new Fault('internal', 'a write was asked for after its transaction ended')
  }
}
