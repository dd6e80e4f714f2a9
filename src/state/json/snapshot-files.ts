/** The open files of one snapshot; closed when the last reader of its state is done. */
import type { Fs } from '../../core/ports.ts'
import type { TableName } from '../../model/tables.ts'
import type { BaseTable } from '../base-table.ts'
import { layout } from './layout.ts'
import type { Manifest } from './manifest.ts'
import { type SnapshotFile, SnapshotTable } from './snapshot-table.ts'

export class SnapshotFiles {
  readonly bases = new Map<TableName, BaseTable>()
  readonly #fs: Fs
  readonly #open: number[] = []
  #users = 1

  /** Opens every file now, so that a snapshot deleted later stays readable. Errors are node's own. */
  constructor(fs: Fs, directory: string, manifest: Manifest) {
    this.#fs = fs
    try {
      for (const table of manifest.tables) {
        const records = this.#file(layout.records(directory, table.table, manifest.generation))
        const index = this.#file(layout.index(directory, table.table, manifest.generation))
        this.bases.set(table.table, new SnapshotTable(fs, table, manifest.generation, { records, index }))
      }
    } catch (error) {
      this.release()
      throw error
    }
  }

  retain(): void {
    this.#users += 1
  }

  release(): void {
    this.#users -= 1
    if (this.#users > 0) return
    for (const fd of this.#open.splice(0)) this.#fs.close(fd)
  }

  #file(path: string): SnapshotFile {
    const fd = this.#fs.open(path, 'r')
    this.#open.push(fd)
    return { path, fd }
  }
}
