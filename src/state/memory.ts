/** A store in memory: the reference that the others are compared with, and what tests use. */
import type { Clock } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import type { TableName } from '../model/tables.ts'
import { momentRevision, noSuchRevision } from './moment.ts'
import { parseRecord, type RawChange } from './record.ts'
import { State } from './state.ts'
import { StateReader } from './state-reader.ts'
import { StateTransaction } from './state-transaction.ts'
import type { Authorship, Moment, Reader, Revision, Store, Transaction } from './store.ts'
import { wakened } from './wakened.ts'

interface Logged extends Authorship {
  readonly revision: number
  readonly at: string
  readonly changes: readonly RawChange[]
}

export class MemoryStore implements Store {
  readonly #clock: Pick<Clock, 'wall'>
  readonly #state = new State()
  readonly #log: Logged[] = []
  readonly #watchers = new Set<() => void>()
  #tail: Promise<unknown> = Promise.resolve()

  constructor(clock: Pick<Clock, 'wall'>) {
    this.#clock = clock
  }

  async read<T>(body: (reader: Reader) => Promise<T>, moment?: Moment): Promise<T> {
    const state = moment === undefined ? this.#state : this.#past(moment)
    const seen = state.pin()
    try {
      return await body(new StateReader(state, seen))
    } finally {
      state.unpin(seen)
    }
  }

  transaction<T>(authorship: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const run = this.#tail.then(() => this.#run(authorship, body))
    this.#tail = run.catch(() => undefined)
    return run
  }

  async history(table: TableName, id: string): Promise<Revision[]> {
    return this.#log
      .filter(({ changes }) => changes.some((change) => change.table === table && change.id === id))
      .map((logged) => ({ ...logged, changes: logged.changes.map(parsedChange) }))
  }

  async *watch(from: number, signal: AbortSignal): AsyncGenerator<Revision> {
    for (let next = from; !signal.aborted; ) {
      const logged = this.#log[next]
      next += logged ? 1 : 0
      if (logged) yield { ...logged, changes: logged.changes.map(parsedChange) }
      else await wakened(this.#watchers, signal)
    }
  }

  async compact(): Promise<void> {}

  async close(): Promise<void> {
    await this.#tail
  }

  async #run<T>({ actor, request, action }: Authorship, body: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = new StateTransaction(this.#state)
    try {
      const result = await body(tx)
      if (tx.changes.length === 0) return result
      const now = iso(this.#clock.wall())
      const at = now > this.#state.at ? now : this.#state.at
      this.#state.commit(tx.changes, at)
      this.#log.push({ revision: this.#state.revision, at, actor, request, action, changes: [...tx.changes] })
      for (const wake of this.#watchers) wake()
      return result
    } finally {
      tx.finish()
    }
  }

  #past(moment: Moment): State {
    const wanted = momentRevision(moment, this.#log)
    if (wanted > this.#state.revision) throw noSuchRevision(wanted, this.#state.revision)
    const state = new State()
    for (const { changes, at } of this.#log.slice(0, wanted)) state.commit(changes, at)
    return state
  }
}

function parsedChange({ table, id, text }: RawChange) {
  return { table, id, record: text === null ? null : { ...parseRecord(text) } }
}
