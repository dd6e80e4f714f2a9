/**
 * The state in memory, as of the newest revision that this process has seen. Loaded once, then it follows the revisions;
 * a transaction is decided over it, so that its body asks the database nothing while it holds everybody's lock.
 * After a lost connection it is compared with the database: a standby that took over may lack the last commits.
 */
import type { Client } from 'pg'
import { tableNames } from '../../model/tables.ts'
import type { Migration } from '../json/migrations.ts'
import type { RawRevision } from '../movable.ts'
import type { RawChange } from '../record.ts'
import { State } from '../state.ts'
import type { Beat } from './beats.ts'
import type { Connections } from './connections.ts'
import { changesOf } from './rows.ts'

/** What `head` says together with the revisions that are new to us. */
export interface News {
  readonly revision: number
  readonly store: string
  readonly revisions: readonly RawRevision[]
}

/** Rows that are fetched at once while loading. */
const slice = 5000

export class Replica {
  /** The last beats that were heard of. */
  beats: readonly Beat[] = []
  readonly #connections: Connections
  #state: State | undefined
  #store = ''
  /** The losses of connections after which the state was known to be the database's. */
  #comparedAt = 0
  #loading: Promise<State> | undefined

  constructor(connections: Connections) {
    this.#connections = connections
  }

  get state(): State | undefined {
    return this.#state
  }

  /** The state; read from the database when there is none yet. */
  async load(): Promise<State> {
    if (this.#state && (await this.#isContinued(this.#state))) return this.#state
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  /** Whether the database has the state's newest revision; when not, the state is dropped. Asked while nothing is staged on it. */
  async #isContinued(state: State): Promise<boolean> {
    const { losses } = this.#connections
    // As they are now: a batch may begin on the state while the database is asked.
    const { revision, at } = state
    if (losses === this.#comparedAt || revision === 0) return true
    const { rows } = await this.#connections.read('SELECT at FROM revisions WHERE revision = $1', [revision], 'revision-at')
    if (this.#state === state && rows[0]?.at === at) this.#comparedAt = losses
    else if (this.#state === state) this.forget()
    return this.#state === state
  }

  /** Applies what is newer than the state; false when the database does not continue it, and it was dropped. */
  follow({ revision, store, revisions }: News): boolean {
    const state = this.#state
    if (!state) return false
    const fresh = revisions.filter((one) => one.revision > state.revision)
    const isNext = fresh.every((one, index) => one.revision === state.revision + index + 1)
    // A database that was restored from a copy, or whose past was archived while this process slept.
    if (store !== this.#store || !isNext || state.revision + fresh.length < revision) {
      this.forget()
      return false
    }
    for (const { changes, at } of fresh) state.commit(changes, at)
    return true
  }

  /** The next `load` starts from the database. */
  forget(): void {
    this.#state = undefined
  }

  async #load(): Promise<State> {
    const { losses } = this.#connections
    const { state, store } = await this.#connections.snapshot((client) => loadState(client, this.#connections.migrations))
    this.#store = store
    this.#comparedAt = losses
    this.#state = state
    return state
  }
}

async function loadState(
  client: Pick<Client, 'query'>,
  migrations: readonly Migration[],
): Promise<{ state: State; store: string }> {
  const { rows: heads } = await client.query('SELECT revision, at, store FROM head WHERE one')
  const { revision = 0, at = '', store = '' } = heads[0] ?? {}
  const changes: RawChange[] = []
  for (const table of tableNames) {
    // Table names are those of our own declarations.
    await client.query(
      `DECLARE of_table NO SCROLL CURSOR FOR SELECT tbl, id, schema, true AS is_new, record::text AS record FROM versions ` +
        `WHERE until IS NULL AND tbl || '' = '${table}' ORDER BY seq`,
    )
    for (;;) {
      const { rows } = await client.query(`FETCH ${slice} FROM of_table`)
      for (const row of rows) changes.push(...changesOf(row, migrations))
      if (rows.length < slice) break
    }
    await client.query('CLOSE of_table')
  }
  const state = new State(new Map(), Number(revision) - 1)
  state.commit(changes, at)
  return { state, store }
}
