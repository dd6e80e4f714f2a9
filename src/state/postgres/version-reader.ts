/** Reads one revision, the newest or a past one, from the database itself: for moments, and for processes that ask little. */
import { Fault } from '../../core/fault.ts'
import type { TableName, Tables } from '../../model/tables.ts'
import { type Conditions, conditionsOf, matches } from '../matching.ts'
import { parseRecord, type StoredRecord, typed } from '../record.ts'
import type { Query, Reader } from '../store.ts'
import { isStorable } from './batch.ts'
import { type Beat, isBeating, withBeat } from './beats.ts'
import type { Connections } from './connections.ts'
import { isIndexed, keyText } from './keys.ts'
import { changesOf, type StoredRow } from './rows.ts'

interface Found {
  readonly seq: string
  readonly record: StoredRecord
}

interface Scan {
  readonly conditions: Conditions
  readonly newestFirst: boolean
  readonly after: string | undefined
  readonly limit: number
}

/** Rows that are fetched at once. */
const slice = 2000
/** A filter that the index does not know may throw most rows away. */
const smallestSlice = 50

export class VersionReader implements Reader {
  readonly revision: number
  readonly #connections: Connections
  readonly #hasKeys: boolean
  readonly #beats: readonly Beat[]

  /** `beats` are shown in the records of the present; a past moment has none. */
  constructor(connections: Connections, revision: number, hasKeys: boolean, beats: readonly Beat[] = []) {
    this.#connections = connections
    this.#hasKeys = hasKeys
    this.#beats = beats
    this.revision = revision
  }

  async get<N extends TableName>(table: N, id: string): Promise<Tables[N] | undefined> {
    const found = await this.#find(table, id)
    return found && typed<N>(found.record)
  }

  async list<N extends TableName>(table: N, query: Query<N> = {}): Promise<Tables[N][]> {
    const limit = query.limit ?? Number.POSITIVE_INFINITY
    if (limit <= 0) return []
    const after = query.marker === undefined ? undefined : await this.#find(table, query.marker)
    if (query.marker !== undefined && !after) throw new Fault('invalid', `marker ${query.marker} is not in ${table}`)
    const scan = { conditions: conditionsOf(query.where), newestFirst: query.newestFirst ?? false, after: after?.seq, limit }
    const records: Tables[N][] = []
    for await (const { record } of this.#scan(table, scan)) {
      records.push(typed<N>(record))
      if (records.length >= limit) break
    }
    return records
  }

  async count<N extends TableName>(table: N, query: Query<N> = {}): Promise<number> {
    const conditions = conditionsOf(query.where)
    const values: unknown[] = [table, this.revision]
    const isAnsweredByKeys = conditions.every(
      ([field, value]) => this.#hasKeys && isIndexed(table, field) && keyText(value) !== undefined,
    )
    if (isAnsweredByKeys) {
      const { rows } = await this.#connections.read(
        `SELECT count(*) AS n FROM (${this.#versions(conditions, table, values, '')}) v`,
        values,
      )
      return Number(rows[0]?.n)
    }
    let found = 0
    for await (const _ of this.#scan(table, { conditions, newestFirst: false, after: undefined, limit: slice })) found += 1
    return found
  }

  async #find(table: TableName, id: string): Promise<Found | undefined> {
    if (!isStorable(id)) return undefined
    const { rows } = await this.#connections.read(
      'SELECT seq, tbl, id, schema, is_new, record::text AS record FROM versions WHERE tbl = $1 AND id = $2 AND revision <= $3 ' +
        'AND (until IS NULL OR until > $3)',
      [table, id, this.revision],
      'version',
    )
    return this.#foundOf(rows)[0]
  }

  async *#scan(table: TableName, { conditions, newestFirst, limit, ...from }: Scan): AsyncGenerator<Found> {
    const size = Math.max(smallestSlice, Math.min(limit, slice))
    for (let after = from.after; ; ) {
      const values: unknown[] = [table, this.revision]
      if (after !== undefined) values.push(after)
      const beyond = after === undefined ? '' : `AND seq ${newestFirst ? '<' : '>'} $3`
      const order = `ORDER BY seq ${newestFirst ? 'DESC' : 'ASC'} LIMIT ${size}`
      const text = `${this.#versions(conditions, table, values, `${beyond} ${order}`)} ${order}`
      const { rows } = await this.#connections.read(text, values)
      for (const found of this.#foundOf(rows)) if (matches(found.record, conditions)) yield found
      if (rows.length < size) return
      after = rows.at(-1)?.seq
    }
  }

  /** What was in force at revision $2: still is, or was replaced since. The second part is small for recent revisions. */
  #versions(conditions: Conditions, table: TableName, values: unknown[], rest: string): string {
    const keys = conditions.flatMap(([field, value]) => {
      const key = this.#hasKeys && isIndexed(table, field) ? keyText(value) : undefined
      // Field names of `isIndexed` are those of our own declarations.
      return key === undefined ? [] : [`AND keys->>'${field}' = $${values.push(key)}`]
    })
    const of = (when: string) =>
      `SELECT seq, tbl, id, schema, is_new, record::text AS record FROM versions ` +
      `WHERE ${when} AND revision <= $2 ${keys.join(' ')} ${rest}`
    return `(${of("tbl || '' = $1 AND until IS NULL")}) UNION ALL (${of('tbl = $1 AND until > $2')})`
  }

  #foundOf(rows: readonly (StoredRow & { readonly seq: string })[]): Found[] {
    return rows.flatMap((row) =>
      changesOf(row, this.#connections.migrations).flatMap(({ table, text }) =>
        text === null ? [] : [{ seq: row.seq, record: this.#shown(table, parseRecord(text)) }],
      ),
    )
  }

  #shown(table: TableName, record: StoredRecord): StoredRecord {
    return isBeating(table) ? withBeat(table, record, this.#beats) : record
  }
}
