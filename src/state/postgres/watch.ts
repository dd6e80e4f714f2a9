/**
 * New revisions as they are committed by anybody: woken by NOTIFY, which says how far they go, and looked for in between in case one
 * got lost. Those of a busy moment are read together.
 */
import type { Client } from 'pg'
import type { Clock } from '../../core/ports.ts'
import type { Revision } from '../store.ts'
import type { Connections } from './connections.ts'
import { changesSince } from './history.ts'
import { parsedRevision } from './rows.ts'

/** Milliseconds between looks without a notification. */
const lookMs = 5000
/** Milliseconds after a look that found something: what is committed meanwhile costs one look, whatever it is. */
const pauseMs = 40

/** Every revision after `from`, in order, until `signal` aborts. Goes on after a reconnection where it was. */
export async function* watchRevisions(
  connections: Connections,
  clock: Clock,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Revision> {
  let last = from
  const said = new Announcements(connections)
  signal.addEventListener('abort', said.wake)
  try {
    while (!signal.aborted) {
      if (said.takeLoss()) last = Math.min(last, await newest(connections))
      // Before the look: what is committed after it is then announced.
      await said.listen()
      const woken = said.woken()
      const before = last
      while (last < said.newest) {
        const { newest } = said
        const news = await changesSince(connections, last)
        // What was announced during the look may not be in it.
        if (news.length === 0 && said.newest === newest) said.newest = last
        for (const raw of news) {
          if (signal.aborted) return
          last = raw.revision
          yield parsedRevision(raw)
        }
      }
      if (last > before) await clock.sleep(pauseMs, signal).catch(() => undefined)
      const rest = new AbortController()
      const look = () => {
        said.newest = unheard
      }
      if (!signal.aborted) await Promise.race([woken, clock.sleep(lookMs, rest.signal).then(look, () => undefined)])
      rest.abort()
    }
  } finally {
    signal.removeEventListener('abort', said.wake)
    await said.close()
  }
}

/** Beyond all revisions: nobody would have said how far they go. */
const unheard = Number.POSITIVE_INFINITY

/** What the database says of new revisions, on a connection of its own. */
class Announcements {
  /** How far revisions are said to go. */
  newest = unheard
  readonly #connections: Connections
  #listener: Client | undefined
  #isLost = false
  #awaken: () => void = () => undefined

  constructor(connections: Connections) {
    this.#connections = connections
  }

  readonly wake = (): void => this.#awaken()

  /** Resolves at the next announcement, loss or `wake`. */
  woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#awaken = resolve
    })
  }

  /** Whether the connection was lost since this was asked. */
  takeLoss(): boolean {
    const isLost = this.#isLost
    this.#isLost = false
    return isLost
  }

  /** Listens, if it does not yet. */
  async listen(): Promise<void> {
    this.#listener ??= await this.#connections.patiently(async () => {
      const client = await this.#connections.open({ query_timeout: 0, statement_timeout: 0 })
      client.on('notification', ({ payload }) => {
        this.newest = Number(payload)
        this.wake()
      })
      client.on('end', () => {
        this.#listener = undefined
        this.#isLost = true
        this.newest = unheard
        this.wake()
      })
      await client.query(`LISTEN "${this.#connections.address.schema}"`)
      return client
    })
  }

  async close(): Promise<void> {
    await this.#listener?.end().catch(() => undefined)
  }
}

/** The newest revision: less than what was seen when a standby took over that never had the last commits. */
const newest = async (connections: Connections) =>
  Number((await connections.read('SELECT revision FROM head WHERE one')).rows[0]?.revision)
