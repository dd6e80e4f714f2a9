/** Writes one table's snapshot: its records and their index, in slices that leave the event loop free. */
import type { Clock, Fs } from '../../core/ports.ts'
import { type TableName, tableShapes } from '../../model/tables.ts'
import { fieldOf } from '../matching.ts'
import { type Item, parseRecord, type StoredRecord } from '../record.ts'
import { checkedBytes } from './checked-line.ts'
import { crc32 } from './crc32.ts'
import { writeFault } from './disk-fault.ts'
import { fileMode, layout } from './layout.ts'
import type { IndexBlock, TableSnapshot } from './manifest.ts'
import { inSlices } from './slices.ts'
import { rowsPerBlock } from './snapshot-table.ts'
import { writeAll } from './write-all.ts'

interface Place {
  readonly fs: Fs
  readonly clock: Clock
  readonly directory: string
}

export class TableWriter {
  readonly #place: Place
  readonly #table: TableName
  readonly #generation: number
  readonly #fields: readonly string[]
  readonly #blocks: IndexBlock[] = []
  #records = 0
  #recordBytes = 0
  #indexBytes = 0

  constructor(place: Place, table: TableName, generation: number) {
    this.#place = place
    this.#table = table
    this.#generation = generation
    const { indexes, unique } = tableShapes[table]
    this.#fields = [...new Set<string>([...indexes, ...unique])]
  }

  /** Writes `items` durably; `each` sees every record's JSON in order. */
  async write(items: Iterable<Item>, each: (text: Buffer) => void): Promise<TableSnapshot> {
    const { fs, directory } = this.#place
    const recordsPath = layout.records(directory, this.#table, this.#generation)
    const indexPath = layout.index(directory, this.#table, this.#generation)
    const open: number[] = []
    try {
      for (const path of [recordsPath, indexPath]) open.push(fs.open(path, 'w', fileMode))
      const [records = -1, index = -1] = open
      await this.#writeBlocks(items, each, records, index)
      await fs.datasync(records)
      await fs.datasync(index)
    } catch (error) {
      for (const path of [recordsPath, indexPath]) if (fs.exists(path)) fs.unlink(path)
      throw writeFault(error, recordsPath, this.#recordBytes)
    } finally {
      for (const fd of open) fs.close(fd)
    }
    const [bytes, fields, blocks] = [this.#recordBytes, this.#fields, this.#blocks]
    return { table: this.#table, records: this.#records, bytes, fields, blocks }
  }

  async #writeBlocks(items: Iterable<Item>, each: (text: Buffer) => void, records: number, index: number): Promise<void> {
    const { fs, clock } = this.#place
    const letOthersIn = inSlices(clock)
    let lines: Buffer[] = []
    let rows: string[] = []
    const flush = () => {
      writeAll(fs, records, Buffer.concat(lines))
      this.#writeIndex(fs, index, Buffer.from(rows.join('')), rows.length)
      lines = []
      rows = []
    }
    for (const item of items) {
      const text = item.text()
      const bytes = typeof text === 'string' ? Buffer.from(text) : text
      each(bytes)
      const line = checkedBytes(bytes, this.#generation)
      rows.push(`${JSON.stringify([item.id, this.#recordBytes, line.length - 1, ...this.#valuesOf(item, bytes)])}\n`)
      this.#recordBytes += line.length
      this.#records += 1
      lines.push(line)
      if (rows.length === rowsPerBlock) flush()
      await letOthersIn()
    }
    if (rows.length > 0) flush()
  }

  /** What an index knows already is not parsed for. */
  #valuesOf(item: Item, text: Buffer): unknown[] {
    let record: StoredRecord | undefined
    return this.#fields.map((field) => {
      const known = item.indexed?.(field)
      if (known) return known.value
      record ??= parseRecord(text)
      return fieldOf(record, field)
    })
  }

  #writeIndex(fs: Fs, index: number, block: Buffer, rows: number): void {
    writeAll(fs, index, block)
    this.#blocks.push([this.#indexBytes, block.length, crc32(block, 0, block.length, this.#generation), rows])
    this.#indexBytes += block.length
  }
}
