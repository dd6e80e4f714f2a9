/** A database as a store that can be moved, from and to. */
import { Fault } from '../../core/fault.ts'
import { loadHasher } from '../json/journal-line.ts'
import { stateHash } from '../json/state-hash.ts'
import type { Movable, RawRevision } from '../movable.ts'
import type { State } from '../state.ts'
import { postgresArchive } from './archive.ts'
import { beginHistory, recordsAt } from './begin-history.ts'
import type { Connections } from './connections.ts'
import { databaseFault } from './database-fault.ts'
import { historyStart } from './history.ts'

/** What the store itself brings. */
interface Parts extends Pick<Movable, 'place' | 'vault' | 'read' | 'replay' | 'close'> {
  revisionsAfter(revision: number): Promise<RawRevision[]>
  wholeState(): Promise<State>
}

export function movablePostgres(store: Parts, connections: Connections): Movable {
  return {
    place: store.place,
    vault: store.vault,
    archive: postgresArchive(connections),
    read: (body) => store.read(body),
    async start() {
      const start = await historyStart(connections)
      return start && { ...start, records: () => recordsAt(connections, start.revision) }
    },
    begin: (start) => beginHistory(connections, start),
    async *revisions(after) {
      for (let last = after; ; ) {
        const page = await store.revisionsAfter(last)
        yield* page
        const end = page.at(-1)
        if (!end) return
        last = end.revision
      }
    },
    replay: (revisions) => store.replay(revisions),
    stateHash: async () => stateHash(await store.wholeState(), await loadHasher()),
    movingFrom: async () => {
      const { rows } = await connections.read('SELECT moving_from FROM head WHERE one')
      return typeof rows[0]?.moving_from === 'string' ? rows[0].moving_from : undefined
    },
    setMovingFrom: async (place) => {
      await connections.read('UPDATE head SET moving_from = $1 WHERE one', [place ?? null])
    },
    leave: (work) => leave(connections, work),
    close: () => store.close(),
  }
}

/** Holds the writers' lock as long as it takes; it is free at once when this process is killed. */
async function leave(connections: Connections, work: () => Promise<string>): Promise<void> {
  const client = await connections.patiently(() => connections.open({ idle_in_transaction_session_timeout: 0 }))
  try {
    await client.query('BEGIN')
    const { rows } = await client.query('SELECT moved_to FROM head WHERE one FOR UPDATE')
    const { place } = connections.address
    if (rows[0]?.moved_to !== null) throw new Fault('forbidden', `${place} was moved to ${rows[0]?.moved_to}`)
    const to = await work()
    await client.query('UPDATE head SET moved_to = $1 WHERE one', [to])
    await client.query('COMMIT')
  } catch (error) {
    throw databaseFault(error, connections.address)
  } finally {
    await client.end().catch(() => undefined)
  }
}
