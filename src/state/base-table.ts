/** What a table's state starts from: nothing (in memory) or a snapshot on disk. */
import type { Item } from './record.ts'

/** One line of a snapshot's index: the id and the values of the indexed fields. */
export interface BaseRow {
  readonly id: string
  /** Values of `fields`, in that order. */
  readonly values: readonly unknown[]
}

export interface BaseTable {
  readonly count: number
  /** Names of the fields whose values rows carry. */
  readonly fields: readonly string[]
  row(seq: number): BaseRow
  /** Position of an id, or -1. */
  find(id: string): number
  item(seq: number): Item
  /** Reads what finds ids piece by piece; `isRead` once that is over. */
  pieces(): Iterable<void>
  readonly isRead: boolean
}

export const emptyBase: BaseTable = {
  count: 0,
  fields: [],
  row: (seq) => {
    throw new RangeError(`an empty table has no row ${seq}`)
  },
  find: () => -1,
  item: (seq) => {
    throw new RangeError(`an empty table has no row ${seq}`)
  },
  pieces: () => [],
  isRead: true,
}
