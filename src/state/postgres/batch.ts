/** Revisions that are committed together, as the columns of `commit_batch`. */
import { Fault } from '../../core/fault.ts'
import { type Migration, migrated } from '../json/migrations.ts'
import { inOlderForm } from '../json/older-form.ts'
import type { RawRevision } from '../movable.ts'
import { parseRecord, type RawChange } from '../record.ts'
import type { State } from '../state.ts'
import { keysOf } from './keys.ts'

/** Places in the order of creation that one revision has; a safe integer then lasts for eight thousand million revisions. */
const placesOfRevision = 2 ** 20

interface Row {
  readonly revision: number
  readonly ordinal: number
  readonly change: RawChange
  readonly seq: number | null
  /** Which of the replaced versions gives the place in the order, from 1; null when `seq` is known. */
  readonly old: number | null
  readonly generation: number
  readonly isNew: boolean
  /** The values by which it is found; null for a removal. */
  readonly keys: string | null
  until: number | null
}

interface Replaced {
  readonly table: string
  readonly id: string
  readonly generation: number
  readonly until: number
}

/** The form in which records are written: how many of the migrations that this program knows they have seen. */
export interface WrittenForm {
  readonly schema: number
  readonly migrations: readonly Migration[]
}

export class Batch {
  /** The revision that it continues. */
  readonly base: number
  readonly token: string
  readonly #form: WrittenForm
  readonly #revisions: RawRevision[] = []
  readonly #rows: Row[] = []
  readonly #replaced: Replaced[] = []
  /** The version in force of each record that this batch has touched; undefined when it was removed. */
  readonly #touched = new Map<string, Row | undefined>()

  constructor(base: number, token: string, form: WrittenForm) {
    this.base = base
    this.token = token
    this.#form = form
  }

  get isEmpty(): boolean {
    return this.#revisions.length === 0
  }

  /** Adds a revision and makes it the newest of `state`, in memory. */
  add(state: State, revision: RawRevision): void {
    if (revision.changes.length > placesOfRevision) {
      throw new Fault('invalid', `one transaction changes ${revision.changes.length} records, the limit is ${placesOfRevision}`)
    }
    // Before anything is noted: a batch belongs to several callers.
    for (const { table, id } of revision.changes) refuseUnstorable(table, id)
    const { schema, migrations } = this.#form
    const written = inOlderForm(revision.changes, schema, migrations)
    for (const [ordinal, change] of written.entries()) this.#addChange(state, revision.revision, ordinal, change)
    this.#revisions.push(revision)
    // In memory is what everybody else reads.
    state.commit(migrated(written, schema, migrations), revision.at)
  }

  /** The arguments of `commit_batch`. */
  values(): unknown[] {
    const [revisions, replaced, rows] = [this.#revisions, this.#replaced, this.#rows]
    return [
      ...[this.base, this.token, revisions.map((one) => one.revision), revisions.map((one) => one.at)],
      ...[revisions.map((one) => Date.parse(one.at)), revisions.map((one) => plain(one.actor))],
      ...[revisions.map((one) => plain(one.request)), revisions.map((one) => plain(one.action))],
      ...[replaced.map((one) => one.table), replaced.map((one) => one.id)],
      ...[replaced.map((one) => one.generation), replaced.map((one) => one.until)],
      ...[rows.map((row) => row.revision), rows.map((row) => row.ordinal), rows.map((row) => row.change.table)],
      ...[rows.map((row) => row.change.id), rows.map((row) => row.seq)],
      ...[rows.map((row) => row.old), rows.map((row) => row.generation)],
      ...[rows.map((row) => row.isNew), rows.map((row) => row.until), rows.map((row) => row.keys)],
      ...[rows.map((row) => row.change.text?.toString() ?? null), this.#form.schema],
    ]
  }

  #addChange(state: State, revision: number, ordinal: number, change: RawChange): void {
    const { table, id, text } = change
    const key = `${table}/${id}`
    const before = this.#touched.get(key)
    const stored = this.#touched.has(key) ? undefined : state.table(table).get(id)
    if (stored) this.#replaced.push({ table, id, generation: stored.record().generation, until: revision })
    if (before) before.until = revision
    const isNew = text !== null && !stored && !before
    const old = isNew ? null : stored ? this.#replaced.length : (before?.old ?? null)
    const seq = isNew ? revision * placesOfRevision + ordinal : (before?.seq ?? null)
    const record = text === null ? undefined : parseRecord(text)
    const generation = record?.generation ?? 0
    const keys = record ? keysOf(table, record) : null
    // A removal replaces what was there and is itself never in force.
    const row: Row = { revision, ordinal, change, seq, old, generation, isNew, keys, until: text === null ? revision : null }
    this.#rows.push(row)
    this.#touched.set(key, text === null ? undefined : row)
  }
}

/** Bytes of an id that fit into an index row. */
const longestId = 2000

function refuseUnstorable(table: string, id: string): void {
  if (!isStorable(id)) throw new Fault('invalid', `an id of ${table} holds characters that PostgreSQL cannot keep`)
  const bytes = Buffer.byteLength(id)
  if (bytes > longestId)
    throw new Fault('invalid', `an id of ${table} has ${bytes} bytes, the limit with PostgreSQL is ${longestId}`)
}

/** Text of callers without what PostgreSQL cannot keep. */
const plain = (text: string) => text.replace(/[\0\p{Surrogate}]/gu, '')

/** False for the character 0 and for halves of surrogate pairs. */
export const isStorable = (text: string) => !/[\0\p{Surrogate}]/u.test(text)
