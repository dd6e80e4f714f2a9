/** Writes one table's snapshot: its records and their index, in slices that leave the event loop free. */
import type { Clock, Fs } from '../../core/ports.ts'
import { type TableName, tableShapes } from '../../model/tables.ts'
import { fieldOf } from '../matching.ts'
import { type Item, parseRecord } from '../record.ts'
import { checkedBytes } from './checked-line.ts'
import { crc32 } from './crc32.ts'
import { writeFault } from './disk-fault.ts'
import { fileMode, layout } from './layout.ts'
import type { IndexBlock, TableSnapshot } from './manifest.ts'
import { rowsPerBlock } from './snapshot-table.ts'
import { writeAll } from './write-all.ts'

/** Milliseconds that one slice may take. */
const sliceMs = 5

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
  async write(items: readonly Item[], each: (text: Buffer) => void): Promise<TableSnapshot> {
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
    const { length } = items
    return { table: this.#table, records: length, bytes: this.#recordBytes, fields: this.#fields, blocks: this.#blocks }
  }

  async #writeBlocks(items: readonly Item[], each: (text: Buffer) => void, records: number, index: number): Promise<void> {
    const { fs, clock } = this.#place
    let started = clock.monotonic()
    for (let at = 0; at < items.length; at += rowsPerBlock) {
      const lines: Buffer[] = []
      const rows: string[] = []
      for (const item of items.slice(at, at + rowsPerBlock)) {
        const text = Buffer.from(item.text())
        each(text)
        const line = checkedBytes(text, this.#generation)
        const record = parseRecord(text)
        const values = this.#fields.map((field) => fieldOf(record, field))
        rows.push(`${JSON.stringify([item.id, this.#recordBytes, line.length - 1, ...values])}\n`)
        this.#recordBytes += line.length
        lines.push(line)
        if (clock.monotonic() - started > sliceMs) {
          await clock.sleep(0)
          started = clock.monotonic()
        }
      }
      writeAll(fs, records, Buffer.concat(lines))
      this.#writeIndex(fs, index, Buffer.from(rows.join('')), rows.length)
    }
  }

  #writeIndex(fs: Fs, index: number, block: Buffer, rows: number): void {
    writeAll(fs, index, block)
    this.#blocks.push([this.#indexBytes, block.length, crc32(block, 0, block.length, this.#generation), rows])
    this.#indexBytes += block.length
  }
}
