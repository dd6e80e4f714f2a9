/** Where the store is, asked by many readers at once: one question at a time is under way, and whoever comes meanwhile shares the next. */
import type { RawRevision } from '../movable.ts'
import { beatsColumn, beatsOf } from './beats.ts'
import type { Connections } from './connections.ts'
import { changesQuery } from './history.ts'
import type { Replica } from './replica.ts'
import { revisionsOf } from './rows.ts'

export interface Head {
  readonly revision: number
  readonly store: string
  /** What the replica lacked when it was asked, while others are seen to write; not all of it when that is much. */
  readonly revisions: readonly RawRevision[]
}

export class Heads {
  readonly #connections: Connections
  readonly #replica: Replica
  /** The question that was sent last, and the one that follows it. */
  #asked: Promise<Head> | undefined
  #next: Promise<Head> | undefined
  /** Whether the last question found revisions of others: then the next one asks for them too, in the same round trip. */
  #wasBehind = false

  constructor(connections: Connections, replica: Replica) {
    this.#connections = connections
    this.#replica = replica
  }

  /** Where the store is after this call began. */
  ask(): Promise<Head> {
    const sent = this.#asked?.catch(() => undefined)
    this.#next ??= (sent ?? Promise.resolve()).then(() => {
      this.#next = undefined
      this.#asked = this.#ask()
      return this.#asked
    })
    return this.#next
  }

  async #ask(): Promise<Head> {
    const { state } = this.#replica
    const head = { name: 'head', text: `SELECT revision, store, ${beatsColumn} FROM head WHERE one` }
    const news = state && this.#wasBehind ? [changesQuery(state.revision)] : []
    const [found, changes] = await this.#connections.readTogether([head, ...news])
    const { revision, store, beats } = found?.rows[0] ?? {}
    this.#replica.beats = beatsOf(beats)
    const revisions = revisionsOf(changes?.rows ?? [], this.#connections.migrations)
    this.#wasBehind = state !== undefined && state.revision < Number(revision)
    return { revision: Number(revision), store: String(store), revisions }
  }
}
