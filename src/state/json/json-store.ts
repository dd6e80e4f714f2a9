/** The store over a directory of JSON lines: readers without a lock, transactions of all processes one after another. */
import { Low } from 'lowdb'
import { Fault } from '../../core/fault.ts'
import type { Clock, Fs } from '../../core/ports.ts'
import type { TableName } from '../../model/tables.ts'
import { purgeLimit } from '../moment.ts'
import type { RawRevision, WholeStart } from '../movable.ts'
import { Overrides, State } from '../state.ts'
import { StateReader } from '../state-reader.ts'
import type { Authorship, HistoryStart, Moment, PurgedHistory, Reader, Revision, Store, Transaction } from '../store.ts'
import { CommitQueue } from './commit-queue.ts'
import { compactState, isSnapshotDue } from './compaction.ts'
import { recordHistory } from './history.ts'
import { historyStart, readBase } from './history-base.ts'
import { JournalAdapter } from './journal-adapter.ts'
import { readManifest } from './manifest.ts'
import { type Migration, migrated, migrations } from './migrations.ts'
import { pastState } from './past-state.ts'
import { allEntries } from './segment-entries.ts'
import { watchJournal } from './watch.ts'

export interface JsonStoreOptions {
  /** Absolute path; created by the first transaction, for its owner alone. */
  readonly directory: string
  readonly fs: Fs
  readonly clock: Clock
  /** Refuses transactions. */
  readonly readOnly?: boolean
  /** The schema's history; tests bring their own. */
  readonly migrations?: readonly Migration[]
  /** Our user id; the process's own by default. */
  readonly uid?: number
  /** Milliseconds that a transaction waits for other processes. */
  readonly lockTimeoutMs?: number
  /** Told what an administrator may want to know, for example a cut end. */
  readonly notice?: (message: string) => void
  /** Journal bytes that are never snapshotted by themselves; 16 MiB by default. */
  readonly journalBytes?: number
}

/** A store over `directory`. Nothing is read before the first question. */
export function openJsonStore(options: JsonStoreOptions): JsonStore {
  return new JsonStore(options)
}

export class JsonStore implements Store {
  readonly #options: JsonStoreOptions
  readonly #adapter: JournalAdapter
  readonly #low: Low<State>
  readonly #queue: CommitQueue
  #compacting: Promise<void> | undefined
  #isClosed = false

  constructor(options: JsonStoreOptions) {
    this.#options = options
    const source = { fs: options.fs, directory: options.directory, migrations: options.migrations ?? migrations }
    const uid = options.uid ?? process.getuid?.() ?? 0
    this.#adapter = new JournalAdapter({ ...source, uid, notice: options.notice ?? (() => undefined) })
    this.#low = new Low<State>(this.#adapter, new State())
    this.#queue = new CommitQueue({ ...options, uid, lockTimeoutMs: options.lockTimeoutMs ?? 60_000 }, this.#adapter, this.#low)
  }

  async read<T>(body: (reader: Reader) => Promise<T>, moment?: Moment): Promise<T> {
    this.#refuseClosed()
    await this.#refresh()
    if (moment !== undefined) {
      const { state, release } = await pastState(this.#source(), this.#adapter.loaded.state.revision, moment)
      return await body(new StateReader(state, new Overrides())).finally(release)
    }
    const { state, files } = this.#adapter.loaded
    const { seen, revision } = this.#queue.durable(state)
    state.pin(seen)
    files?.retain()
    try {
      return await body(new StateReader(state, seen, revision))
    } finally {
      state.unpin(seen)
      files?.release()
    }
  }

  async transaction<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    this.#refuseClosed()
    if (this.#options.readOnly) throw new Fault('forbidden', `${this.#options.directory} was opened for reading only`)
    const result = await this.#queue.add(authorship, body)
    if (!this.#compacting && this.#isDue()) void this.compact().catch((error) => this.#noticeFailure(error))
    return result
  }

  async history(table: TableName, id: string): Promise<Revision[]> {
    this.#refuseClosed()
    await this.#refresh()
    return recordHistory(this.#source(), table, id)
  }

  async historyStart(): Promise<HistoryStart | undefined> {
    this.#refuseClosed()
    return historyStart(readBase(this.#options.fs, this.#options.directory))
  }

  async purgeHistory(before: string, options: { readonly planned?: boolean } = {}): Promise<PurgedHistory> {
    this.#refuseClosed()
    await this.#refresh()
    const { olderHistory, purgeHistory } = await import('./purge-history.ts')
    const { place, ...counts } = await olderHistory(this.#source(), purgeLimit(before, this.#adapter.loaded.state.at))
    if (options.planned || !this.#options.fs.exists(this.#options.directory)) return counts
    // Starts are made from a snapshot: one that is newer than all that goes.
    const snapshot = readManifest(this.#options.fs, this.#options.directory)?.manifest.revision ?? 0
    if (place && place.revision > snapshot) await this.compact({ force: true })
    await purgeHistory({ ...this.#source(), clock: this.#options.clock }, this.#queue, place)
    return counts
  }

  watch(from: number, signal: AbortSignal): AsyncIterable<Revision> {
    this.#refuseClosed()
    const newest = () => this.read(async (reader) => reader.revision)
    return watchJournal(this.#source(), this.#options.clock, newest, from, signal)
  }

  /** Every revision after `after` that the journal and its history hold, oldest first. */
  async *revisions(after: number): AsyncGenerator<RawRevision> {
    await this.#refresh()
    const source = this.#source()
    for await (const { changes, schema, revision, at, actor, request, action } of allEntries(source)) {
      if (revision <= after) continue
      yield { revision, at, actor, request, action, changes: migrated(changes, schema, source.migrations) }
    }
  }

  /** Commits revisions of another store under their own numbers, times and authors. */
  replay(revisions: readonly RawRevision[]): Promise<void> {
    return this.#queue.alone(async (adapter, state) => {
      for (const { revision, at, changes, ...authorship } of revisions) {
        if (revision !== state.revision + 1)
          throw new Fault('conflict', `revision ${revision} does not continue ${state.revision}`)
        adapter.stage(authorship, at, changes)
      }
    })
  }

  /** Makes the beginning of another store's history the beginning of this one. */
  async begin(start: WholeStart): Promise<void> {
    const { beginHistory } = await import('./begin-history.ts')
    await this.#queue.alone(async (adapter, { revision }) => {
      if (revision > 0) throw new Fault('exists', `${this.#options.directory} already holds ${revision} revisions`)
      await beginHistory({ ...this.#source(), clock: this.#options.clock }, start)
      adapter.forget()
    })
  }

  /** Runs `work` while no process can write. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.alone(work)
  }

  /** Looks at everything that is committed. */
  async withState<T>(look: (state: State) => T): Promise<T> {
    await this.#refresh()
    return look(this.#adapter.loaded.state)
  }

  async compact(options: { readonly force?: boolean } = {}): Promise<void> {
    this.#refuseClosed()
    // One under way may be of an earlier revision: with `force` another one follows.
    if (this.#compacting) await this.#compacting
    await this.#refresh()
    if (!options.force && !this.#isDue()) return
    const { fs, clock } = this.#options
    this.#compacting ??= compactState({ ...this.#source(), fs, clock }, this.#queue).finally(() => {
      this.#compacting = undefined
    })
    return this.#compacting
  }

  /** Waits for what is under way, then gives up the lock and every descriptor. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    await this.#queue.idle()
    await this.#compacting?.catch(() => undefined)
    this.#isClosed = true
    await this.#queue.close()
    this.#adapter.forget()
  }

  /** Sees what other processes committed; whoever holds the lock has seen everything. */
  async #refresh(): Promise<void> {
    if (!this.#queue.isCurrent) await this.#low.read()
    // A write that failed in between has dropped what was read.
    while (!this.#adapter.isLoaded) await this.#low.read()
  }

  #isDue(): boolean {
    return this.#adapter.isLoaded && isSnapshotDue(this.#adapter.loaded, this.#options.journalBytes)
  }

  #source() {
    const { fs, directory } = this.#options
    return { fs, directory, migrations: this.#options.migrations ?? migrations }
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new Fault('internal', `${this.#options.directory} was closed`)
  }

  #noticeFailure(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    this.#options.notice?.(`the snapshot of ${this.#options.directory} was not written: ${reason}`)
  }
}
