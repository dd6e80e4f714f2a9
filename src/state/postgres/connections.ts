/** Connections to the database: one for writes, a few for reads, with deadlines and patience for a server that restarts. */
import type { Client, ClientConfig, Pool, QueryConfig, QueryResult } from 'pg'
import { Fault } from '../../core/fault.ts'
import type { Clock, Fs } from '../../core/ports.ts'
import type { Secret } from '../../core/secret.ts'
import { type Migration, migrations } from '../json/migrations.ts'
import type { Address } from './address.ts'
import { databaseFault, isLost } from './database-fault.ts'

export interface ConnectionOptions {
  readonly address: Address
  readonly clock: Clock
  readonly fs: Pick<Fs, 'readFile'>
  /** Instead of PGPASSWORD and PGPASSFILE, which the library reads itself. */
  readonly password?: Secret | undefined
  /** Milliseconds to go on trying when the server is away; 30,000 by default. */
  readonly patienceMs?: number | undefined
  /** Milliseconds that one statement may take; 60,000 by default. */
  readonly statementTimeoutMs?: number | undefined
  /** Milliseconds that a writer waits for the others; 55,000 by default. */
  readonly lockTimeoutMs?: number | undefined
  /** Changes of the records' form that this program knows. */
  readonly migrations?: readonly Migration[] | undefined
}

/** Milliseconds that a connection may take to open. */
const connectMs = 10_000
/** Milliseconds after which the server ends a writer that went silent in the middle of a transaction. */
const idleInTransactionMs = 10_000
const readers = 4

/**
 * Every question has its index. A plan made while the tables were small is kept by the session and would go on reading
 * them from end to end, so the planner is told not to (and not to compile short statements for what it fears they cost); a state fits into memory, where rows in order cost no extra.
 */
const planning = ['jit=off', 'random_page_cost=1.1', 'enable_seqscan=off', 'enable_hashjoin=off', 'enable_mergejoin=off']

export class Connections {
  readonly address: Address
  readonly migrations: readonly Migration[]
  readonly #options: ConnectionOptions
  #pool: Promise<Pool> | undefined
  #writer: Promise<Client> | undefined
  #asker: Promise<Client> | undefined
  #isClosed = false
  #losses = 0

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.address = options.address
    this.migrations = options.migrations ?? migrations
  }

  /** How often a connection was lost: after each, the server may be one that never had the last commits. */
  get losses(): number {
    return this.#losses
  }

  /** One statement on any connection, outside transactions; asked again while the server is away, so it must only read. */
  async read(text: string, values: readonly unknown[] = [], name?: string): Promise<QueryResult> {
    return this.patiently(async () => {
      const pool = await this.#readers()
      return pool.query({ text, values: [...values], ...(name === undefined ? {} : { name }) })
    })
  }

  /** Several reads in one round trip, answered in order, each over its own snapshot; asked again like `read`. */
  async readTogether(queries: readonly QueryConfig[]): Promise<QueryResult[]> {
    return this.patiently(async () => {
      this.#asker ??= this.open({ pipeline: true })
      const asker = this.#asker
      try {
        const client = await asker
        return await Promise.all(queries.map((query) => client.query(query)))
      } catch (error) {
        if (this.#asker === asker) this.#asker = undefined
        asker.then((client) => client.end()).catch(() => undefined)
        throw error
      }
    })
  }

  /** Several reads over one snapshot. `work` may run again when the server goes away in between. */
  async snapshot<T>(work: (client: Pick<Client, 'query'>) => Promise<T>): Promise<T> {
    return this.patiently(async () => {
      const client = await (await this.#readers()).connect()
      try {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        const result = await work(client)
        await client.query('COMMIT')
        client.release()
        return result
      } catch (error) {
        client.release(true)
        throw error
      }
    })
  }

  /** The connection for writes: what is asked on it is sent at once and answered in order. */
  writer(): Promise<Client> {
    this.#writer ??= this.open({ pipeline: true }).catch((error: unknown) => {
      this.#writer = undefined
      throw error
    })
    return this.#writer
  }

  /** Gives the connection for writes up; the server rolls back what is open on it. */
  async dropWriter(): Promise<void> {
    const writer = this.#writer
    this.#writer = undefined
    this.#onLost()
    const client = await writer?.catch(() => undefined)
    // The library waits for answers that a dead connection never gives.
    client?.end().catch(() => undefined)
  }

  /** A connection of its own. */
  async open(more: ClientConfig = {}): Promise<Client> {
    this.#refuseClosed()
    const { Client: PgClient } = await import('pg')
    const client = new PgClient({ ...this.#config(), ...more })
    // An idle connection that breaks is noticed by the next statement.
    client.on('error', this.#onLost)
    try {
      await client.connect()
    } catch (error) {
      client.end().catch(() => undefined)
      throw error
    }
    return client
  }

  /** Runs `work` until it succeeds, fails for another reason than the server's absence, or patience ends. */
  async patiently<T>(work: () => Promise<T>): Promise<T> {
    const { clock, patienceMs = 30_000, address } = this.#options
    const end = clock.monotonic() + patienceMs
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 500)) {
      this.#refuseClosed()
      try {
        return await work()
      } catch (error) {
        if (isLost(error)) this.#onLost()
        if (!isLost(error) || clock.monotonic() + pauseMs > end) throw databaseFault(error, address)
      }
      await clock.sleep(pauseMs)
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const kept = [this.#writer, this.#asker].map((one) => one?.then((client) => client.end()).catch(() => undefined))
    await Promise.all([this.#pool?.then((pool) => pool.end()), ...kept])
  }

  readonly #onLost = (): void => {
    this.#losses += 1
  }

  #readers(): Promise<Pool> {
    this.#pool ??= import('pg').then(({ Pool: PgPool }) => {
      const pool = new PgPool({ ...this.#config(), max: readers, idleTimeoutMillis: 30_000, allowExitOnIdle: true })
      pool.on('error', this.#onLost)
      // One that breaks while it is lent out fails its statement; without a listener it would end the process.
      pool.on('connect', (client) => void client.on('error', this.#onLost))
      return pool
    })
    return this.#pool
  }

  #config(): ClientConfig {
    const { address, password, statementTimeoutMs = 60_000, lockTimeoutMs = 55_000 } = this.#options
    return {
      ...{ host: address.host, port: address.port, database: address.database, user: address.user },
      ...(password === undefined ? {} : { password: password.reveal() }),
      ssl: this.#tls(),
      ...{ connectionTimeoutMillis: connectMs, keepAlive: true, application_name: 'novakit', client_encoding: 'UTF8' },
      ...{ statement_timeout: statementTimeoutMs, lock_timeout: lockTimeoutMs },
      ...{ idle_in_transaction_session_timeout: idleInTransactionMs },
      // Our own watch over the server's: a network that swallows everything sends no answer at all.
      query_timeout: statementTimeoutMs + 5000,
      options: [`search_path=${address.schema}`, ...planning].map((setting) => `-c ${setting}`).join(' '),
    }
  }

  #tls(): ClientConfig['ssl'] {
    const { address, fs } = this.#options
    if (address.tls === 'disable') return false
    const read = (path: string | undefined) => (path === undefined ? undefined : fs.readFile(path).toString('utf8'))
    return {
      rejectUnauthorized: address.tls !== 'require',
      ca: read(address.rootCertificate),
      cert: read(address.certificate),
      key: read(address.key),
      ...(address.tls === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    }
  }

  #refuseClosed(): void {
    if (this.#isClosed) throw new Fault('internal', `${this.address.place} was closed`)
  }
}
