/** What a store must offer so that everything in it can be moved to another one, under its own numbers. */
import type { Archive } from './archive.ts'
import type { RawChange } from './record.ts'
import type { HistoryStart, Reader, Revision } from './store.ts'
import type { WholeVault } from './vault.ts'

/** A revision whose records are still text. */
export interface RawRevision extends Omit<Revision, 'changes'> {
  readonly changes: readonly RawChange[]
}

/** Where history begins, and the state there. */
export interface WholeStart extends HistoryStart {
  /** All records in the order of their tables, some at a time. */
  records(): AsyncIterable<readonly RawChange[]>
}

export interface Movable {
  /** Where it is, for people and for marks. */
  readonly place: string
  readonly vault: WholeVault
  readonly archive: Archive
  read<T>(body: (reader: Reader) => Promise<T>): Promise<T>
  /** Where history begins; undefined when it is whole. */
  start(): Promise<WholeStart | undefined>
  /** Makes that the beginning of this store, which must be empty; whole or not at all. */
  begin(start: WholeStart): Promise<void>
  /** Every revision after `revision`, oldest first; `not-found` when the next one is no longer kept. */
  revisions(after: number): AsyncIterable<RawRevision>
  /** Commits revisions of another store under their own numbers, times and authors. */
  replay(revisions: readonly RawRevision[]): Promise<void>
  /** SHA-256 (half of it, hex) over every table's name and every record's text in order. */
  stateHash(): Promise<string>
  /** The place that an unfinished move into this store comes from. */
  movingFrom(): Promise<string | undefined>
  setMovingFrom(place: string | undefined): Promise<void>
  /** Runs `work` while nobody can write; then the store refuses all writes and names the place that `work` resolves with. */
  leave(work: () => Promise<string>): Promise<void>
  close(): Promise<void>
}
