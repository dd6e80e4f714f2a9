import type { HistoryStart } from './store.ts'

/** What a check of a whole journal says. */
export interface JournalProblem {
  readonly file: string
  readonly message: string
}

export interface JournalReport {
  readonly problems: readonly JournalProblem[]
  /** Revisions whose lines and chain are whole, as [first, last] runs, oldest first. */
  readonly survives: readonly (readonly [number, number])[]
  /** The revision of the snapshot in force, 0 without one; undefined when its files are damaged. */
  readonly snapshotRevision: number | undefined
  /** Bytes of an unfinished transaction at the very end; the next writer cuts them. */
  readonly tornBytes: number
  readonly segments: number
  /** Where history begins; undefined when it is whole. */
  readonly start?: HistoryStart | undefined
}
