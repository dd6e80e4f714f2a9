/**
 * Terminology.
 * - record: a plain JSON object with `id` and `generation`, in a table.
 * - revision: the number of the last committed transaction of the whole store; gapless.
 * - generation: how often one record was written; every update is a compare-and-swap on it.
 * - draft: a store over another one whose writes stay in memory (used by --plan).
 */
import type { ProcessIdentity } from '../core/ports.ts'
import type { TableName, Tables } from '../model/tables.ts'

export interface Page {
  /** At most this many records. */
  readonly limit?: number
  /** Only records after the one with this id, in the table's order (creation, oldest first). */
  readonly marker?: string
}

export interface Query<N extends TableName> extends Page {
  /** Equality on top-level fields; every field must match. Indexed fields are fast. */
  readonly where?: Partial<Tables[N]>
  /** Newest first instead of oldest first. */
  readonly newestFirst?: boolean
}

export interface Reader {
  get<N extends TableName>(table: N, id: string): Promise<Tables[N] | undefined>
  list<N extends TableName>(table: N, query?: Query<N>): Promise<Tables[N][]>
  count<N extends TableName>(table: N, query?: Query<N>): Promise<number>
  /** The revision this reader sees. */
  readonly revision: number
  /** ISO 8601 time of the newest commit, '' before the first; it never runs backwards. Only readers of the present have it. */
  readonly at?: string
  /** Reads piece by piece what finds records by id, and by `field`, for who will ask much and must not make the process pause for long. */
  pieces?<N extends TableName>(table: N, field?: keyof Tables[N] & string): Iterable<void>
  /** For views that are kept between transactions; absent where nothing is known. */
  readonly log?: ChangeLog | undefined
}

/** What was committed lately. */
export interface ChangeLog {
  /** The same object as long as no commit was missed. */
  readonly of: object
  /** Ids by table that commits after `revision` touched; undefined when that is not known. */
  since(revision: number): ReadonlyMap<TableName, ReadonlySet<string>> | undefined
}

export interface Transaction extends Reader {
  /** Adds a record with generation 1. `exists` when the id or a unique key is taken. */
  insert<N extends TableName>(table: N, record: Omit<Tables[N], 'generation'>): Promise<Tables[N]>
  /** Puts a record back that was removed: its generation goes on. `exists` when the id or a unique key is taken. */
  restore<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]>
  /** Replaces a record; `conflict` when its stored generation differs from `record.generation`. */
  update<N extends TableName>(table: N, record: Tables[N]): Promise<Tables[N]>
  /** Removes a record from the table; its history stays in the journal. */
  remove<N extends TableName>(table: N, id: string): Promise<void>
}

/** Who writes and why; kept with every revision. */
export interface Authorship {
  readonly actor: string
  readonly request: string
  readonly action: string
}

export interface Change {
  readonly table: TableName
  readonly id: string
  /** The whole record after the change; null when it was removed. */
  readonly record: Record<string, unknown> | null
}

export interface Revision extends Authorship {
  readonly revision: number
  /** ISO 8601 time of the commit. */
  readonly at: string
  readonly changes: readonly Change[]
}

/** A past moment: a revision number or an ISO 8601 time. */
export type Moment = { readonly revision: number } | { readonly time: string }

/** Where history begins once its older revisions were purged. */
export interface HistoryStart {
  /** The oldest revision that can be read; the state is kept as it left it. */
  readonly revision: number
  /** ISO 8601 time of that revision. */
  readonly at: string
  /** ISO 8601 time of the purge. */
  readonly purgedAt: string
}

export interface PurgedHistory {
  readonly revisions: number
  /** Versions of records that those revisions wrote. */
  readonly changes: number
}

export interface Store {
  /** Runs `body` over one whole revision (the newest, or the one in force at `moment`). Takes no lock. */
  read<T>(body: (reader: Reader) => Promise<T>, moment?: Moment): Promise<T>
  /**
   * Runs `body` over what this process has seen: all of its own commits, and those of others before them. Asks nobody for news, so it is
   * for who just committed. Without it `read` is as fast.
   */
  recall?<T>(body: (reader: Reader) => Promise<T>): Promise<T>
  /**
   * Runs `body` and commits what it wrote as one revision, durably, before it resolves.
   * `body` must do no I/O and may run only once. A throw commits nothing. A body that wrote nothing makes no revision.
   */
  transaction<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T>
  /** Every revision that touched a record, oldest first; those that were purged are missing. */
  history(table: TableName, id: string): Promise<Revision[]>
  /**
   * Every revision after `from`, in order and without gaps, the present ones first, then each as anybody commits it, until
   * `signal` aborts; aborting ends the iteration. `not-found` when the revision after `from` is no longer kept.
   */
  watch?(from: number, signal: AbortSignal): AsyncIterable<Revision>
  /** Where history begins; undefined when it is whole. */
  historyStart?(): Promise<HistoryStart | undefined>
  /**
   * Drops revisions before an ISO 8601 time for ever, and keeps the state as the last of them left it, so that every later moment can
   * be read. The newest revision and those of the hour before it always stay, for those that follow. With `planned` only counts.
   */
  purgeHistory?(before: string, options?: { readonly planned?: boolean }): Promise<PurgedHistory>
  /**
   * Notes that the process of a service is there, by the store's clock and without a revision: its record then shows it. False where
   * that must be said in a transaction.
   */
  report?(service: string, process: ProcessIdentity): Promise<boolean>
  /** Lengthens a lease to `ms` from now in the same way; false when it has ended, or another one has it, or a transaction must say so. */
  renewLease?(task: string, holder: string, ms: number): Promise<boolean>
  /** Milliseconds of the clock that all processes share; without it the store is on this machine. */
  now?(): Promise<number>
  /** Writes snapshots now when they are due, or always with `force`. */
  compact(options?: { readonly force?: boolean }): Promise<void>
  close(): Promise<void>
}
