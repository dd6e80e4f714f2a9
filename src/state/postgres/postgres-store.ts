/** The store in PostgreSQL, for many controllers: the same revisions, history and guards as the store of JSON files. */

import { Fault } from '../../core/fault.ts'
import type { Clock, Fs, ProcessIdentity, Random } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { iso } from '../../core/time.ts'
import type { TableName } from '../../model/tables.ts'
import type { Archive } from '../archive.ts'
import { purgedMoment } from '../moment.ts'
import type { Movable, RawRevision } from '../movable.ts'
import type { State } from '../state.ts'
import { Overrides } from '../state.ts'
import { StateReader } from '../state-reader.ts'
import type { Authorship, HistoryStart, Moment, PurgedHistory, Reader, Revision, Store, Transaction } from '../store.ts'
import { parseAddress } from './address.ts'
import { postgresArchive } from './archive.ts'
import { type Beat, renewLease, reportService, showBeats } from './beats.ts'
import { CommitQueue } from './commit-queue.ts'
import { Connections } from './connections.ts'
import { type DatabaseVault, databaseVault } from './database-vault.ts'
import { Heads } from './heads.ts'
import { changesSince, historyStart, recordHistory, revisionOf } from './history.ts'
import { movablePostgres } from './movable-postgres.ts'
import { Replica } from './replica.ts'
import { ownLists, prepareSchema, type SchemaLists, type SchemaReport, syncSchema } from './schema.ts'
import { VersionReader } from './version-reader.ts'
import { watchRevisions } from './watch.ts'

export interface PostgresStoreOptions {
  /** `postgres://USER@HOST:PORT/DATABASE?sslmode=…`, without a password. */
  readonly url: string
  readonly clock: Clock
  readonly random: Random
  readonly fs: Pick<Fs, 'readFile'>
  /** Instead of PGPASSWORD and PGPASSFILE. */
  readonly password?: Secret
  /** Reads before the whole state is kept in memory; 8 by default. */
  readonly coldReads?: number
  readonly patienceMs?: number
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
  /** The schema's history; tests bring their own. */
  readonly schema?: SchemaLists
}

const coldReadsByDefault = 8

/** Opens the store, and makes the tables of an empty database; `unsupported` when tables are older, or records newer, than this program. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const connections = connectionsOf(options)
  try {
    const hasKeys = await prepareSchema(connections, options.random.uuid(), options.schema ?? ownLists)
    return new PostgresStore(options, connections, hasKeys)
  } catch (error) {
    await connections.close()
    throw error
  }
}

/** Brings a database up to date, its tables alone or with the form of its records; what `db sync` does. */
export async function syncPostgres(options: PostgresStoreOptions, tablesOnly = false): Promise<SchemaReport> {
  const connections = connectionsOf(options)
  const how = { lists: options.schema ?? ownLists, tablesOnly }
  return syncSchema(connections, options.random.uuid(), how).finally(() => connections.close())
}

export class PostgresStore implements Store {
  readonly vault: DatabaseVault
  /** Where it is, for people; never holds a password. */
  readonly place: string
  readonly #options: PostgresStoreOptions
  readonly #connections: Connections
  readonly #replica: Replica
  readonly #queue: CommitQueue
  readonly #heads: Heads
  /** False until a database that older programs wrote is synced: its keys may not be those that this program looks for. */
  readonly #hasKeys: boolean
  #reads = 0

  constructor(options: PostgresStoreOptions, connections: Connections, hasKeys: boolean) {
    const { clock, random } = options
    this.#options = options
    this.#connections = connections
    this.#hasKeys = hasKeys
    this.place = connections.address.place
    this.vault = databaseVault(connections)
    this.#replica = new Replica(connections)
    this.#heads = new Heads(connections, this.#replica)
    this.#queue = new CommitQueue({ connections, replica: this.#replica, clock, random })
  }

  async read<T>(body: (reader: Reader) => Promise<T>, moment?: Moment): Promise<T> {
    if (moment !== undefined) return this.#readPast(body, moment)
    await this.#queue.settled()
    this.#reads += 1
    if (!this.#replica.state && this.#reads <= (this.#options.coldReads ?? coldReadsByDefault)) {
      const { revision } = await this.#heads.ask()
      return body(this.#readerOf(revision, this.#replica.beats))
    }
    return this.#over(await this.#current(), body)
  }

  async recall<T>(body: (reader: Reader) => Promise<T>): Promise<T> {
    return this.#replica.state ? this.#over(await this.#replica.load(), body) : this.read(body)
  }

  /** Only what is committed. */
  async #over<T>(state: State, body: (reader: Reader) => Promise<T>): Promise<T> {
    const { seen = new Overrides(), revision } = this.#queue.durable(state)
    showBeats(state, seen, this.#replica.beats)
    state.pin(seen)
    try {
      return await body(new StateReader(state, seen, revision))
    } finally {
      state.unpin(seen)
    }
  }

  async #readPast<T>(body: (reader: Reader) => Promise<T>, moment: Moment): Promise<T> {
    const revision = await revisionOf(this.#connections, moment)
    const result = await body(this.#readerOf(revision))
    // Rows may have gone between two of its questions.
    const start = await this.historyStart()
    if (start && revision < start.revision) throw purgedMoment(moment, start)
    return result
  }

  transaction<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#queue.add(authorship, body)
  }

  history(table: TableName, id: string): Promise<Revision[]> {
    return recordHistory(this.#connections, table, id)
  }

  historyStart(): Promise<HistoryStart | undefined> {
    return historyStart(this.#connections)
  }

  async purgeHistory(before: string, options: { readonly planned?: boolean } = {}): Promise<PurgedHistory> {
    const { purgeHistory } = await import('./purge-history.ts')
    return purgeHistory(this.#connections, before, { ...options, now: iso(this.#options.clock.wall()) })
  }

  watch(from: number, signal: AbortSignal): AsyncIterable<Revision> {
    return watchRevisions(this.#connections, this.#options.clock, from, signal)
  }

  report(service: string, process: ProcessIdentity): Promise<boolean> {
    return reportService(this.#connections, service, process)
  }

  renewLease(task: string, holder: string, ms: number): Promise<boolean> {
    return renewLease(this.#connections, task, holder, ms)
  }

  /** The database's own clock: every machine reads the same one. */
  async now(): Promise<number> {
    const text = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000) AS now'
    return Number((await this.#connections.read(text, [], 'now')).rows[0]?.now)
  }

  /** The revisions after `revision`, at most `limit`, with the records' own text. */
  revisionsAfter(revision: number, limit?: number): Promise<RawRevision[]> {
    return changesSince(this.#connections, revision, limit)
  }

  /** Commits revisions of another store under their own numbers, times and authors. */
  replay(revisions: readonly RawRevision[]): Promise<void> {
    return this.#queue.replay(revisions)
  }

  /** Everything that is committed, in memory. */
  async wholeState(): Promise<State> {
    await this.#queue.idle()
    return this.#current()
  }

  /** The archive in the same database. */
  archive(): Archive {
    return postgresArchive(this.#connections)
  }

  /** This store as one that can be moved. */
  movable(): Movable {
    return movablePostgres(this, this.#connections)
  }

  /** The database keeps itself compact; with `force` it makes the room of replaced rows free now, and counts rows for its plans. */
  async compact({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (!force) return
    const client = await this.#connections.patiently(() => this.#connections.open({ statement_timeout: 0, query_timeout: 0 }))
    await client.query('VACUUM (ANALYZE) head, revisions, versions, vault, archive').finally(() => client.end())
  }

  async close(): Promise<void> {
    await this.#queue.idle()
    await this.#connections.close()
  }

  #readerOf = (revision: number, beats?: readonly Beat[]) => new VersionReader(this.#connections, revision, this.#hasKeys, beats)

  /** The replica with everything that was committed before this call. */
  async #current(): Promise<State> {
    for (;;) {
      // Whoever holds the lock has seen everything.
      if (this.#queue.isHolding && this.#replica.state) return this.#replica.state
      const state = await this.#replica.load()
      if (this.#queue.isHolding && this.#replica.state) return this.#replica.state
      const head = await this.#heads.ask()
      while (this.#replica.state === state && !this.#queue.isHolding && state.revision < head.revision) {
        const known = head.revisions.filter(({ revision }) => revision > state.revision)
        const revisions = known.length > 0 ? known : await changesSince(this.#connections, state.revision).catch(gone)
        const seen = revisions.at(-1)?.revision ?? head.revision
        if (!this.#queue.isHolding) this.#replica.follow({ ...head, revision: Math.min(seen, head.revision), revisions })
      }
      await this.#queue.settled()
      if (this.#queue.isHolding && this.#replica.state) return this.#replica.state
      if (this.#replica.follow({ ...head, revisions: [] }) && this.#replica.state) return this.#replica.state
    }
  }
}

/** A state that has fallen behind what is kept is loaded again. */
function gone(error: unknown): RawRevision[] {
  if (error instanceof Fault && error.kind === 'not-found') return []
  throw error
}

/** Connections that are opened when they are used. */
export function connectionsOf(options: PostgresStoreOptions): Connections {
  const { url, clock, fs, password, patienceMs, statementTimeoutMs, lockTimeoutMs, schema } = options
  const timeouts = { patienceMs, statementTimeoutMs, lockTimeoutMs }
  return new Connections({ address: parseAddress(url), clock, fs, password, ...timeouts, migrations: schema?.records })
}
