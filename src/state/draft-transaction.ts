/** A transaction over a reader of any store: its own writes first, then the draft's, then the base. */
import { Fault } from '../core/fault.ts'
import { type TableName, type Tables, tableShapes } from '../model/tables.ts'
import type { DraftRecord, DraftTables } from './draft-tables.ts'
import { conditionsOf, fieldOf, matches } from './matching.ts'
import { parseRecord, recordText, type StoredRecord, typed } from './record.ts'
import type { Change, ChangeLog, Query, Reader, Transaction } from './store.ts'

export class DraftTransaction implements Transaction {
  readonly changes: Change[] = []
  readonly staged = new Map<TableName, Map<string, DraftRecord>>()
  readonly revision: number
  readonly #base: Reader
  readonly #drafted: DraftTables
  readonly #nextPlace: () => number
  readonly #log: ChangeLog
  #isOver = false

  /** `log` is of what was drafted before; `nextPlace` numbers the records that the draft creates. */
  constructor(base: Reader, drafted: DraftTables, revision: number, log: ChangeLog, nextPlace: () => number = () => 0) {
    this.#base = base
    this.#log = log
    this.#drafted = drafted
    this.revision = revision
    this.#nextPlace = nextPlace
  }

  /** Undefined once it wrote: its own changes are in no log yet. */
  get log(): ChangeLog | undefined {
    return this.changes.length > 0 ? undefined : this.#log
  }

  async get<N extends TableName>(table: N, id: string): Promise<Tables[N] | undefined> {
    const draft = this.#draftOf(table, id)
    if (!draft) return this.#base.get(table, id)
    return draft.record === null ? undefined : typed<N>(copyOf(draft.record))
  }

  async list<N extends TableName>(table: N, query: Query<N> = {}): Promise<Tables[N][]> {
    const drafts = this.#draftsOf(table)
    if (drafts.size === 0) return this.#base.list(table, query)
    // The marker need not meet the conditions itself.
    const records = await this.#over(table, drafts, query.marker === undefined ? query.where : undefined)
    if (query.newestFirst) records.reverse()
    const start = query.marker === undefined ? 0 : records.findIndex((record) => record.id === query.marker) + 1
    if (start === 0 && query.marker !== undefined) throw new Fault('invalid', `marker ${query.marker} is not in ${table}`)
    const conditions = conditionsOf(query.where)
    const matching = records.slice(start).filter((record) => matches(record, conditions))
    // What the draft did not change is the base's to give, as it gives it without a draft.
    return matching.slice(0, query.limit).map((record) => typed<N>(drafts.has(record.id) ? copyOf(record) : record))
  }

  async count<N extends TableName>(table: N, query: Query<N> = {}): Promise<number> {
    return (await this.list(table, { where: query.where })).length
  }

  async insert<N extends TableName>(table: N, record: Omit<Tables[N], 'generation'>): Promise<Tables[N]> {
    return this.#add(table, { ...record, generation: 1 } as unknown as Tables[N])
  }

  async restore<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]> {
    return this.#add(table, { ...record, generation: record.generation + 1 })
  }

  async update<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]> {
    const stored = await this.get(table, record.id)
    if (!stored) throw new Fault('not-found', `${table} has no ${record.id}`)
    const { generation } = stored
    if (generation !== record.generation) {
      throw new Fault(
        'conflict',
        `${table} ${record.id} is at generation ${generation}, the change was made to ${record.generation}`,
      )
    }
    const next = { ...record, generation: generation + 1 }
    await this.#stage(table, next, this.#draftOf(table, record.id)?.place)
    return next
  }

  async remove<N extends TableName>(table: N, id: string): Promise<void> {
    if (await this.get(table, id)) this.#put(table, id, null, undefined)
  }

  /** Refuses every later write: the body has returned. */
  finish(): void {
    this.#isOver = true
  }

  async #add<N extends TableName>(table: N, fresh: Tables[N]): Promise<Tables[N]> {
    if (await this.get(table, fresh.id)) throw new Fault('exists', `${table} already has ${fresh.id}`)
    await this.#stage(table, fresh, this.#nextPlace())
    return fresh
  }

  async #stage<N extends TableName>(table: N, record: Tables[N], place: number | undefined): Promise<void> {
    const stored = parseRecord(recordText(table, record))
    for (const field of tableShapes[table].unique) {
      const value = fieldOf(stored, field)
      if (value === null) continue
      const where = { [field]: value } as Partial<Tables[N]>
      const holder = (await this.list(table, { where })).find((other) => other.id !== record.id)
      if (holder) throw new Fault('exists', `${table} already has ${field} ${String(value)} (${holder.id})`)
    }
    this.#put(table, record.id, stored, place)
  }

  #put(table: TableName, id: string, record: StoredRecord | null, place: number | undefined): void {
    if (this.#isOver) throw new Fault('internal', 'a write was asked for after its transaction ended')
    const records = this.staged.get(table) ?? new Map<string, DraftRecord>()
    this.staged.set(table, records)
    records.set(id, { record, place })
    this.changes.push({ table, id, record: record && { ...record } })
  }

  #draftOf(table: TableName, id: string): DraftRecord | undefined {
    return this.staged.get(table)?.get(id) ?? this.#drafted.get(table)?.get(id)
  }

  #draftsOf(table: TableName): ReadonlyMap<string, DraftRecord> {
    return new Map([...(this.#drafted.get(table) ?? []), ...(this.staged.get(table) ?? [])])
  }

  /** The base's records that meet `where` under the drafts, some of which may not meet it, in the table's order. */
  async #over<N extends TableName>(
    table: N,
    drafts: ReadonlyMap<string, DraftRecord>,
    where: Query<N>['where'],
  ): Promise<StoredRecord[]> {
    const base = await this.#base.list(table, { where })
    const listed = new Set(base.flatMap(({ id }) => (drafts.has(id) ? id : [])))
    const conditions = conditionsOf(where)
    const isMissed = (id: string, { record, place }: DraftRecord) =>
      place === undefined && record !== null && !listed.has(id) && matches(record, conditions)
    // A changed record may match where the base's did not; only the whole table tells its place.
    const isWhole = conditions.length === 0 || ![...drafts].some(([id, draft]) => isMissed(id, draft))
    const kept = (isWhole ? base : await this.#base.list(table)).flatMap((record) => {
      const draft = drafts.get(record.id)
      if (!draft) return stored(record)
      return draft.place === undefined ? (draft.record ?? []) : []
    })
    const created = [...drafts.values()].filter(({ place }) => place !== undefined)
    created.sort((one, other) => (one.place ?? 0) - (other.place ?? 0))
    return [...kept, ...created.flatMap(({ record }) => record ?? [])]
  }
}

const copyOf = (record: StoredRecord) => parseRecord(JSON.stringify(record))
const stored = <N extends TableName>(record: Tables[N]) => record as unknown as StoredRecord
