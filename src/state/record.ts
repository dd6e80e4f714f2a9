/** Records as the store keeps them: JSON text that is parsed when asked for, so that nobody shares an object by accident. */
import { Fault } from '../core/fault.ts'
import type { TableName, Tables } from '../model/tables.ts'

export type StoredRecord = { readonly id: string; readonly generation: number } & Readonly<Record<string, unknown>>

/** One record in its table's creation order; `seq` only grows. */
export interface Item {
  readonly seq: number
  readonly id: string
  text(): string | Buffer
  record(): StoredRecord
  /** The value of an indexed field where it is known without parsing; absent where it is not. */
  indexed?(field: string): { readonly value: unknown } | undefined
}

/** One change as it is written: the record's JSON text, or null when it was removed. */
export interface RawChange {
  readonly table: TableName
  readonly id: string
  readonly text: string | Buffer | null
  /** True for an insert, false for a change or removal of what is there; unknown costs a look-up. */
  readonly isNew?: boolean
}

/** The largest record in bytes of JSON. */
export const maxRecordBytes = 8 * 1024 * 1024
/** The longest id in characters. */
const maxIdLength = 1024

/** Reads before a record stays parsed (and frozen): a one-shot command never pays for freezing. */
const readsBeforeKept = 3

/** A record that lives in memory, as text. */
export class TextItem implements Item {
  #reads = 0
  #kept: StoredRecord | undefined
  readonly id: string
  #seq: number | (() => number)
  readonly #text: string | Buffer

  /** `seq` may be found later: replaying a journal over a large snapshot then searches for no id. */
  constructor(seq: number | (() => number), id: string, text: string | Buffer) {
    this.#seq = seq
    this.id = id
    this.#text = text
  }

  get seq(): number {
    if (typeof this.#seq !== 'number') this.#seq = this.#seq()
    return this.#seq
  }

  text(): string | Buffer {
    return this.#text
  }

  record(): StoredRecord {
    if (this.#kept) return this.#kept
    const record = parseRecord(this.#text)
    this.#reads += 1
    if (this.#reads > readsBeforeKept) this.#kept = deepFreeze(record)
    return record
  }
}

/** Parses text that this store wrote; its checksum was checked by whoever read it. */
export function parseRecord(text: string | Buffer): StoredRecord {
  return JSON.parse(typeof text === 'string' ? text : text.toString('utf8'))
}

/** The JSON text to store; `invalid` when the id or the size is not allowed. */
export function recordText(table: TableName, record: { readonly id: string }): string {
  const { id } = record
  if (typeof id !== 'string' || id === '') throw new Fault('invalid', `a record of ${table} has no id`)
  if (id.length > maxIdLength) {
    throw new Fault('invalid', `an id of ${table} has ${id.length} characters, the limit is ${maxIdLength}`)
  }
  const text = JSON.stringify(record)
  if (text.length > maxRecordBytes) {
    throw new Fault('invalid', `${table} ${id} has ${text.length} bytes, the limit is ${maxRecordBytes}`)
  }
  return text
}

/** The record as its table's type: tables are written through typed transactions only. */
export function typed<N extends TableName>(record: StoredRecord): Tables[N] {
  return record as unknown as Tables[N]
}

export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const inner of Object.values(value)) deepFreeze(inner)
  return value
}
