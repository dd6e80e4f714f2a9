/** One table of a snapshot, read lazily: blocks of the index first, then the records that are asked for. */
import { Fault } from '../../core/fault.ts'
import type { Fs } from '../../core/ports.ts'
import type { BaseRow, BaseTable } from '../base-table.ts'
import { deepFreeze, type Item, parseRecord, type StoredRecord } from '../record.ts'
import { isWhole, trailerBytes } from './checked-line.ts'
import { crc32 } from './crc32.ts'
import { FileWindow } from './file-window.ts'
import { IdSlots } from './id-slots.ts'
import type { TableSnapshot } from './manifest.ts'

/** Index lines in a block: what one listing of a page parses. */
export const rowsPerBlock = 512

/** Searches by id before the whole index is parsed and its ids are kept. */
const searchesBeforeIds = 16
/**
 * Reads of records before parsed ones are kept, reads of one before it is, and how many are kept. The first ones stay: whoever
 * reads a larger table over and over from its start would find none of them if later ones took their place.
 */
const readsBeforeKept = 4096
const readsOfOneBeforeKept = 2
const mostKept = 32_768

interface Row extends BaseRow {
  readonly offset: number
  readonly length: number
}

export interface SnapshotFile {
  readonly path: string
  readonly fd: number
}

export class SnapshotTable implements BaseTable {
  readonly count: number
  readonly fields: readonly string[]
  readonly #fs: Fs
  readonly #snapshot: TableSnapshot
  readonly #generation: number
  readonly #records: SnapshotFile
  readonly #index: SnapshotFile
  readonly #window: FileWindow
  readonly #raw = new Map<number, Buffer>()
  readonly #rows = new Map<number, readonly Row[]>()
  readonly #kept = new Map<number, StoredRecord>()
  /** Reads of each record; made when parsed ones may be kept. */
  #readsOf: Uint8Array | undefined
  #ids: IdSlots | undefined
  #searches = 0
  #reads = 0

  constructor(fs: Fs, snapshot: TableSnapshot, generation: number, files: { records: SnapshotFile; index: SnapshotFile }) {
    this.#fs = fs
    this.#snapshot = snapshot
    this.#generation = generation
    this.#records = files.records
    this.#index = files.index
    this.#window = new FileWindow(fs, files.records.fd, snapshot.bytes)
    this.count = snapshot.records
    this.fields = snapshot.fields
  }

  row(seq: number): Row {
    const block = Math.floor(seq / rowsPerBlock)
    const row = this.#rowsOf(block)[seq - block * rowsPerBlock]
    if (!row) throw this.#fault(this.#index.path, seq, 'the row is missing')
    return row
  }

  find(id: string): number {
    this.#searches += 1
    if (this.#searches > searchesBeforeIds && !this.#ids) for (const _ of this.pieces());
    if (this.#ids) return this.#ids.find(id)
    // No row holds this text elsewhere: quotes inside its strings are escaped and its values are no lists.
    const needle = Buffer.from(`[${JSON.stringify(id)},`)
    for (let block = 0; block < this.#snapshot.blocks.length; block += 1) {
      if (this.#bytesOf(block).includes(needle)) {
        const at = this.#rowsOf(block).findIndex((row) => row.id === id)
        if (at >= 0) return block * rowsPerBlock + at
      }
    }
    return -1
  }

  item(seq: number): Item {
    return new SnapshotItem(this, seq, this.row(seq).id)
  }

  get isRead(): boolean {
    return this.#ids !== undefined
  }

  *pieces(): Generator<void> {
    if (this.#ids) return
    const ids = new IdSlots(this.count, (seq) => this.row(seq).id)
    for (let seq = 0; seq < this.count; seq += 1) {
      ids.add(this.row(seq).id, seq)
      if (seq % rowsPerBlock === rowsPerBlock - 1) yield
    }
    this.#ids = ids
  }

  /** The record's JSON, checked. */
  text(seq: number): Buffer {
    const { offset, length } = this.row(seq)
    const line = this.#window.bytes(offset, length)
    if (!isWhole(line, 0, line.length, this.#generation)) throw this.#fault(this.#records.path, seq, 'its checksum is wrong')
    return line.subarray(0, line.length - trailerBytes)
  }

  /** The record, parsed. */
  record(seq: number): StoredRecord {
    const kept = this.#kept.get(seq)
    if (kept) return kept
    const record = parseRecord(this.text(seq))
    if (record.id !== this.row(seq).id) throw this.#fault(this.#records.path, seq, `it holds ${record.id}`)
    this.#reads += 1
    if (this.#reads > readsBeforeKept && this.#isReadOften(seq)) this.#kept.set(seq, deepFreeze(record))
    return record
  }

  /** Whoever walks once through all of a table leaves nothing behind. */
  #isReadOften(seq: number): boolean {
    if (this.#kept.size >= mostKept) return false
    this.#readsOf ??= new Uint8Array(this.count)
    const reads = this.#readsOf[seq] ?? 0
    this.#readsOf[seq] = reads + 1
    return reads >= readsOfOneBeforeKept
  }

  #rowsOf(block: number): readonly Row[] {
    const known = this.#rows.get(block)
    if (known) return known
    const text = this.#bytesOf(block).toString('utf8').trimEnd().replaceAll('\n', ',')
    const lines: [string, number, number, ...unknown[]][] = JSON.parse(`[${text}]`)
    const rows = lines.map(([id, offset, length, ...values]) => ({ id, offset, length, values }))
    this.#rows.set(block, rows)
    this.#raw.delete(block)
    return rows
  }

  #bytesOf(block: number): Buffer {
    const known = this.#raw.get(block)
    if (known) return known
    const [offset, length, crc] = this.#snapshot.blocks[block] ?? [0, 0, 0]
    const bytes = Buffer.allocUnsafe(length)
    const got = this.#fs.read(this.#index.fd, bytes, offset)
    if (got !== length || crc32(bytes, 0, length, this.#generation) !== crc) {
      throw this.#fault(this.#index.path, block * rowsPerBlock, 'the checksum of the block that starts here is wrong')
    }
    this.#raw.set(block, bytes)
    return bytes
  }

  #fault(path: string, seq: number, problem: string): Fault {
    return new Fault('internal', `${path} line ${seq + 1}: ${problem}`, {
      hint: 'nothing was changed; restore the state directory from a copy',
      details: { file: path, line: seq + 1 },
    })
  }
}

/** A class, as there is one for each record of each answer: functions of its own would cost more than what they do. */
class SnapshotItem implements Item {
  readonly seq: number
  readonly id: string
  readonly #table: SnapshotTable

  constructor(table: SnapshotTable, seq: number, id: string) {
    this.#table = table
    this.seq = seq
    this.id = id
  }

  text(): Buffer {
    return this.#table.text(this.seq)
  }

  record(): StoredRecord {
    return this.#table.record(this.seq)
  }

  indexed(field: string): { readonly value: unknown } | undefined {
    const at = this.#table.fields.indexOf(field)
    return at < 0 ? undefined : { value: this.#table.row(this.seq).values[at] }
  }
}
