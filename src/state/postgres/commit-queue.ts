/**
 * Runs the transactions of this process one after another. Those that wait are committed together: one lock on `head`,
 * one answer of the disk. Bodies run once, over the replica, while this process holds the lock.
 */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import type { Clock, Random } from '../../core/ports.ts'
import { iso } from '../../core/time.ts'
import type { RawRevision } from '../movable.ts'
import type { Overrides, State } from '../state.ts'
import { StateTransaction } from '../state-transaction.ts'
import type { Authorship, Transaction } from '../store.ts'
import { Batch } from './batch.ts'
import { beatsColumn, beatsOf, showBeats } from './beats.ts'
import { commitBatch } from './commit-batch.ts'
import type { Connections } from './connections.ts'
import { databaseFault } from './database-fault.ts'
import { changesQuery } from './history.ts'
import type { Replica } from './replica.ts'
import { revisionsOf, type VersionRow } from './rows.ts'

/** Transactions that share one commit at most, and milliseconds that their bodies may take together. */
const mostInBatch = 512
const longestBatchMs = 50

interface Job {
  readonly run: (batch: Batch, state: State) => Promise<() => void>
  readonly reject: (error: unknown) => void
}

interface HeadRow {
  readonly revision: string
  readonly store: string
}

export interface QueueOptions {
  readonly connections: Connections
  readonly replica: Replica
  readonly clock: Clock
  readonly random: Random
}

export class CommitQueue {
  readonly #options: QueueOptions
  readonly #jobs: Job[] = []
  #pumping: Promise<void> | undefined
  #batch: { readonly state: State; readonly before: Overrides; readonly revision: number } | undefined
  #committing: Promise<unknown> | undefined
  /** Whether others wrote since the last batch: then the next lock comes with what they wrote. */
  #wasBehind = false

  constructor(options: QueueOptions) {
    this.#options = options
  }

  add<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.#enqueue((batch, state) => this.#stage(batch, state, authorship, body))
  }

  /** Commits revisions as another store had them: numbers, times and authors are theirs. */
  replay(revisions: readonly RawRevision[]): Promise<void> {
    return this.#enqueue(async (batch, state) => {
      for (const revision of revisions) {
        if (revision.revision !== state.revision + 1) {
          throw new Fault('conflict', `revision ${revision.revision} does not continue ${state.revision}`)
        }
        batch.add(state, revision)
      }
    })
  }

  /** What readers may see of the replica: nothing that is not committed. Waits for a commit that is under way. */
  async settled(): Promise<void> {
    while (this.#committing) await this.#committing
  }

  /** True while this process holds the lock: nobody else can have written. */
  get isHolding(): boolean {
    return this.#batch !== undefined
  }

  /** The newest committed revision of `state`, and what hides the rest. */
  durable(state: State): { readonly seen: Overrides | undefined; readonly revision: number } {
    const batch = this.#batch
    if (batch?.state !== state) return { seen: undefined, revision: state.revision }
    return { seen: batch.before.copy(), revision: batch.revision }
  }

  async idle(): Promise<void> {
    while (this.#pumping) await this.#pumping
  }

  #enqueue<T>(work: (batch: Batch, state: State) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async (batch: Batch, state: State) => {
        const result = await work(batch, state)
        return () => resolve(result)
      }
      this.#jobs.push({ run, reject })
      this.#pumping ??= this.#pump()
    })
  }

  async #pump(): Promise<void> {
    await undefined
    try {
      while (this.#jobs.length > 0) {
        const { client, state, schema } = await this.#lock()
        await this.#runBatch(client, state, schema)
      }
    } catch (error) {
      for (const job of this.#jobs.splice(0)) job.reject(error)
    } finally {
      this.#pumping = undefined
    }
  }

  /** Takes the lock and catches up. Bodies have not run yet, so it may be tried again. */
  async #lock(): Promise<{ client: Client; state: State; schema: number }> {
    const { connections, replica } = this.#options
    return connections.patiently(async () => {
      for (;;) {
        const state = await replica.load()
        const client = await connections.writer()
        try {
          const [, heads, told, news] = await Promise.all([
            client.query('BEGIN'),
            client.query({
              name: 'lock',
              text: 'SELECT revision, store, moved_to, record_schema FROM head WHERE one FOR UPDATE',
            }),
            // On its own: what a statement that waited for the lock sees beside the locked row is as old as its wait.
            client.query({ name: 'beats', text: `SELECT ${beatsColumn}` }),
            // What others wrote is looked for when the lock is there, too.
            this.#wasBehind ? client.query(changesQuery(state.revision)) : undefined,
          ])
          replica.beats = beatsOf(told.rows[0]?.beats)
          const schema = this.#formOf(heads.rows[0]?.record_schema)
          this.#refuseMoved(heads.rows[0]?.moved_to)
          if (await this.#catchUp(client, state, heads.rows[0], news?.rows)) return { client, state, schema }
          await client.query('ROLLBACK')
        } catch (error) {
          if (!(await rolledBack(client))) await connections.dropWriter()
          throw error
        }
      }
    })
  }

  /** Follows what others committed; false when the state has to be loaded again. */
  async #catchUp(client: Client, state: State, head: HeadRow, news?: readonly VersionRow[]): Promise<boolean> {
    const { replica, connections } = this.#options
    const revision = Number(head.revision)
    if (replica.state !== state) return false
    if (revision < state.revision) replica.forget()
    this.#wasBehind = state.revision < revision
    for (let rows = news; state.revision < revision; rows = undefined) {
      rows ??= (await client.query(changesQuery(state.revision))).rows
      const revisions = revisionsOf(rows, connections.migrations)
      if (replica.state !== state || revisions.length === 0) return false
      const seen = revisions.at(-1)?.revision ?? 0
      if (!replica.follow({ revision: seen, store: head.store, revisions })) return false
    }
    return replica.follow({ revision, store: head.store, revisions: [] })
  }

  /** The form to write in: older than this program's own until the database is synced. */
  #formOf(schema: unknown): number {
    const { migrations, address } = this.#options.connections
    if (typeof schema === 'number' && schema <= migrations.length) return schema
    throw new Fault('unsupported', `${address.place} has records of form ${schema}, this program knows ${migrations.length}`, {
      hint: 'use the newer version of the program that synced it',
    })
  }

  #refuseMoved(movedTo: unknown): void {
    if (typeof movedTo !== 'string') return
    const { place } = this.#options.connections.address
    throw new Fault('forbidden', `${place} was moved to ${movedTo}`, { hint: `use --state ${movedTo}` })
  }

  async #runBatch(client: Client, state: State, schema: number): Promise<void> {
    const { connections, replica, clock, random } = this.#options
    this.#batch = { state, before: state.pin(), revision: state.revision }
    const done: { readonly job: Job; readonly settle: () => void }[] = []
    const batch = new Batch(state.revision, random.uuid(), { schema, migrations: connections.migrations })
    const end = clock.monotonic() + longestBatchMs
    try {
      for (let job = this.#jobs.shift(); job; ) {
        const running: Job = job
        // A refusal may rest on what an earlier one of the batch wrote: nobody hears of it before that is committed.
        const settle = await running.run(batch, state).catch((error: unknown) => () => running.reject(error))
        done.push({ job, settle })
        job = done.length < mostInBatch && clock.monotonic() < end ? this.#jobs.shift() : undefined
      }
      this.#committing = commitBatch({ connections, clock, client }, batch)
      await this.#committing
    } catch (error) {
      replica.forget()
      await connections.dropWriter()
      const fault = databaseFault(error, connections.address)
      for (const { job } of done) job.reject(fault)
      return
    } finally {
      state.unpin(this.#batch.before)
      this.#batch = undefined
      this.#committing = undefined
    }
    for (const { settle } of done) settle()
  }

  async #stage<T>(batch: Batch, state: State, authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new StateTransaction(state, (seen) => showBeats(state, seen, this.#options.replica.beats))
    try {
      const result = await body(tx)
      if (tx.changes.length > 0) {
        const now = iso(this.#options.clock.wall())
        const { actor, request, action } = authorship
        // A clock that was set back does not make history run backwards.
        const at = now > state.at ? now : state.at
        batch.add(state, { revision: state.revision + 1, at, actor, request, action, changes: [...tx.changes] })
      }
      return result
    } finally {
      tx.finish()
    }
  }
}

/** Ends a transaction that failed; false when the connection is of no more use. */
async function rolledBack(client: Client): Promise<boolean> {
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  )
}
