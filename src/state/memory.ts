/** A store in memory: the reference that the others are compared with, and what tests use. */
import { Fault } from '../core/fault.ts'
import type { Clock } from '../core/ports.ts'
import { iso } from '../core/time.ts'
import { type TableName, tableNames } from '../model/tables.ts'
import { parseIsoTime } from './iso-time.ts'
import { momentRevision, noSuchRevision, purgedMoment, purgeLimit } from './moment.ts'
import { parseRecord, type RawChange } from './record.ts'
import { Overrides, State } from './state.ts'
import { StateReader } from './state-reader.ts'
import { StateTransaction } from './state-transaction.ts'
import type { Authorship, HistoryStart, Moment, PurgedHistory, Reader, Revision, Store, Transaction } from './store.ts'
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
  /** What was purged from the log, and the records that it came to. */
  #start: (HistoryStart & { readonly records: readonly RawChange[] }) | undefined
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
      const purged = this.#start?.revision ?? 0
      if (next < purged)
        throw new Fault('not-found', `revision ${next + 1} is no longer kept, the oldest after it is ${purged + 1}`)
      const logged = this.#log[next - purged]
      next += logged ? 1 : 0
      if (logged) yield { ...logged, changes: logged.changes.map(parsedChange) }
      else await wakened(this.#watchers, signal)
    }
  }

  async historyStart(): Promise<HistoryStart | undefined> {
    if (!this.#start) return undefined
    const { revision, at, purgedAt } = this.#start
    return { revision, at, purgedAt }
  }

  async purgeHistory(before: string, options: { readonly planned?: boolean } = {}): Promise<PurgedHistory> {
    const limit = purgeLimit(before, this.#state.at)
    const older = this.#log.filter(({ at }) => parseIsoTime(at) < limit)
    const counts = { revisions: older.length, changes: older.reduce((sum, { changes }) => sum + changes.length, 0) }
    const last = older.at(-1)
    if (options.planned || !last) return counts
    const { revision, at } = last
    const records = recordsOf(this.#past({ revision }))
    this.#start = { revision, at, purgedAt: iso(this.#clock.wall()), records }
    this.#log.splice(0, older.length)
    return counts
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
    const start = this.#start
    const wanted = momentRevision(moment, this.#log)
    if (wanted > this.#state.revision) throw noSuchRevision(wanted, this.#state.revision)
    const isPurged = start && ('time' in moment ? parseIsoTime(moment.time) < parseIsoTime(start.at) : wanted < start.revision)
    if (isPurged) throw purgedMoment(moment, start)
    const state = new State(new Map(), start ? start.revision - 1 : 0)
    if (start) state.commit(start.records, start.at)
    for (const { changes, at } of this.#log.slice(0, wanted - state.revision)) state.commit(changes, at)
    return state
  }
}

function recordsOf(state: State): RawChange[] {
  const reader = new StateReader(state, new Overrides())
  return tableNames.flatMap((table) =>
    [...reader.items(table)].map((item): RawChange => ({ table, id: item.id, text: item.text(), isNew: true })),
  )
}

function parsedChange({ table, id, text }: RawChange) {
  return { table, id, record: text === null ? null : { ...parseRecord(text) } }
}
