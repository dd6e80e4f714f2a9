/** A lock of the database for work that one process does at a time: free at once when the connection of its holder is gone. */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import type { Connections } from './connections.ts'
import { databaseFault } from './database-fault.ts'

/** Numbers of the locks; one for each schema, since its text is the other half. */
export const advisoryLocks = { archive: 20_241_013, history: 20_241_014 } as const

const tryLock = 'SELECT pg_try_advisory_lock($1, hashtext(current_schema())) AS locked'

/** Runs `work` on the connection that has the lock; `conflict` with that message when another one has it. */
export async function withAdvisoryLock<T>(
  connections: Connections,
  lock: keyof typeof advisoryLocks,
  taken: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await connections.patiently(() => connections.open())
  try {
    const { rows } = await client.query(tryLock, [advisoryLocks[lock]]).catch((error: unknown) => {
      throw databaseFault(error, connections.address)
    })
    if (rows[0]?.locked !== true) throw new Fault('conflict', taken, { hint: 'let it end, then try again' })
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
