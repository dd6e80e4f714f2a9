/** Runs the transactions of this process one after another and makes all that wait durable by one fdatasync. */
import type { Low } from 'lowdb'
import { Fault } from '../../core/fault.ts'
import type { Clock, Fs } from '../../core/ports.ts'
import { iso } from '../../core/time.ts'
import { Overrides, type State } from '../state.ts'
import { StateTransaction } from '../state-transaction.ts'
import type { Authorship, Transaction } from '../store.ts'
import { checkDirectory, makeDirectory } from './directory-guard.ts'
import type { JournalAdapter } from './journal-adapter.ts'
import { loadHasher } from './journal-line.ts'
import { layout } from './layout.ts'
import { WriterLock } from './writer-lock.ts'

/** Transactions that share one fdatasync at most: later ones wait no longer than these take. */
const mostInBatch = 512

export interface QueueOptions {
  readonly fs: Fs
  readonly clock: Clock
  readonly directory: string
  readonly uid: number
  readonly lockTimeoutMs: number
}

/** Work that waits: a transaction's body, or something that needs the lock alone. */
interface Job {
  /** Runs it; returns how to tell its caller once everything is durable. */
  readonly run: () => Promise<() => void>
  readonly reject: (error: unknown) => void
  readonly isExclusive: boolean
}

export class CommitQueue {
  readonly #options: QueueOptions
  readonly #adapter: JournalAdapter
  readonly #low: Low<State>
  readonly #lock: WriterLock
  readonly #jobs: Job[] = []
  #pumping: Promise<void> | undefined
  /** What the batch under way replaces: readers keep seeing that until it is durable. */
  #batch: { readonly state: State; readonly before: Overrides; readonly revision: number } | undefined

  constructor(options: QueueOptions, adapter: JournalAdapter, low: Low<State>) {
    this.#options = options
    this.#adapter = adapter
    this.#low = low
    const { fs, clock, directory, lockTimeoutMs } = options
    this.#lock = new WriterLock({ fs, clock, path: layout.lock(directory), timeoutMs: lockTimeoutMs }, () => {
      adapter.hash = undefined
    })
  }

  /** True when no other process can have written since the last read. */
  get isCurrent(): boolean {
    return this.#adapter.hash !== undefined && this.#adapter.isLoaded && this.#low.data === this.#adapter.loaded.state
  }

  add<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        const result = await this.#stage(authorship, body)
        return () => resolve(result)
      }
      this.#enqueue({ run, reject, isExclusive: false })
    })
  }

  /** Runs `work` under the lock while no transaction is under way. */
  alone<T>(work: (adapter: JournalAdapter, state: State) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const run = async () => {
        const result = await work(this.#adapter, this.#low.data)
        return () => resolve(result)
      }
      this.#enqueue({ run, reject, isExclusive: true })
    })
  }

  /** The newest durable revision of `state`, and what hides the rest. */
  durable(state: State): { readonly seen: Overrides; readonly revision: number } {
    const batch = this.#batch
    if (batch?.state !== state) return { seen: new Overrides(), revision: state.revision }
    return { seen: batch.before.copy(), revision: batch.revision }
  }

  async idle(): Promise<void> {
    while (this.#pumping) await this.#pumping
  }

  async close(): Promise<void> {
    await this.idle()
    this.#lock.giveAway()
  }

  #enqueue(job: Job): void {
    this.#jobs.push(job)
    this.#pumping ??= this.#pump()
  }

  async #pump(): Promise<void> {
    this.#lock.use(true)
    // The first step must come after `#pumping` is set.
    await undefined
    try {
      while (this.#jobs.length > 0) {
        await this.#makeCurrent()
        await this.#runBatch()
      }
    } catch (error) {
      for (const job of this.#jobs.splice(0)) job.reject(error)
    } finally {
      // Together with the last look at the queue: a job that is added later must find no pump.
      this.#pumping = undefined
      this.#lock.use(false)
    }
  }

  async #makeCurrent(): Promise<void> {
    if (this.#adapter.poison) throw this.#adapter.poison
    if (this.#lock.isHeld && this.#lock.isWanted) this.#lock.giveAway()
    if (this.#lock.isHeld && this.isCurrent) return
    const { fs, directory, uid } = this.#options
    if (!checkDirectory(fs, directory, uid, true)) makeDirectory(fs, directory)
    if (!this.#lock.isHeld) {
      const hash = await loadHasher()
      await this.#lock.take()
      this.#refuseMoved()
      this.#adapter.hash = hash
      // What was read before the lock was held may be behind, or not prepared for writing.
      await this.#low.read()
    }
    while (!this.isCurrent) await this.#low.read()
  }

  /** Looked at whenever the lock was taken: whoever moves the records holds it meanwhile. */
  #refuseMoved(): void {
    const { fs, directory } = this.#options
    const mark = layout.moved(directory)
    if (!fs.exists(mark)) return
    this.#lock.giveAway()
    const place = fs.readFile(mark).toString('utf8')
    throw new Fault('forbidden', `${directory} was moved to ${place}`, { hint: `use --state ${place}` })
  }

  async #runBatch(): Promise<void> {
    const state = this.#low.data
    this.#batch = { state, before: state.pin(), revision: state.revision }
    const done: { job: Job; settle: () => void }[] = []
    try {
      for (let job = this.#jobs.shift(); job; job = this.#next(done.length)) {
        const running = job
        // A refusal may rest on what an earlier one of the batch wrote: nobody hears of it before that is durable.
        const settle = await running.run().catch((error: unknown) => () => running.reject(error))
        done.push({ job, settle })
        if (job.isExclusive) break
      }
      await this.#low.write()
    } catch (error) {
      for (const { job } of done) job.reject(error)
      return
    } finally {
      state.unpin(this.#batch.before)
      this.#batch = undefined
    }
    for (const { settle } of done) settle()
  }

  #next(inBatch: number): Job | undefined {
    const next = this.#jobs[0]
    return next && !next.isExclusive && inBatch < mostInBatch ? this.#jobs.shift() : undefined
  }

  async #stage<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const state = this.#low.data
    const tx = new StateTransaction(state)
    try {
      const result = await body(tx)
      if (tx.changes.length > 0) {
        const now = iso(this.#options.clock.wall())
        // A clock that was set back does not make history run backwards.
        this.#adapter.stage(authorship, now > state.at ? now : state.at, tx.changes)
      }
      return result
    } finally {
      tx.finish()
    }
  }
}
