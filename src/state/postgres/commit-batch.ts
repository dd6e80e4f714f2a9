/**
 * Commits a batch, and learns the outcome when the connection was lost before the answer. Whoever gets the lock on `head`
 * knows that the lost transaction has ended, and its token says how; only then is it written again, over the same base.
 */
import type { Client } from 'pg'
import { Fault } from '../../core/fault.ts'
import type { Clock } from '../../core/ports.ts'
import type { Batch } from './batch.ts'
import type { Connections } from './connections.ts'
import { isLost } from './database-fault.ts'

interface Commit {
  readonly connections: Connections
  readonly clock: Clock
  /** A connection that has the lock. */
  readonly client: Client
}

const argumentTypes = [
  ...['bigint', 'uuid', 'bigint[]', 'text[]', 'bigint[]', 'text[]', 'text[]', 'text[]'],
  ...['text[]', 'text[]', 'bigint[]', 'bigint[]'],
  ...['bigint[]', 'integer[]', 'text[]', 'text[]', 'bigint[]', 'integer[]', 'bigint[]'],
  ...['boolean[]', 'bigint[]', 'text[]', 'text[]', 'integer'],
]
const write = `SELECT commit_batch(${argumentTypes.map((type, index) => `$${index + 1}::${type}`).join(', ')})`

/** Resolves when the batch is durable; a fault of kind `unreachable` says whether it may have been. */
export async function commitBatch({ connections, client }: Commit, batch: Batch): Promise<void> {
  if (batch.isEmpty) {
    await client.query('COMMIT')
    return
  }
  try {
    await send(client, batch)
  } catch (error) {
    if (!isLost(error)) throw error
    await connections.dropWriter()
    await resolve(connections, batch, error)
  }
}

async function send(client: Client, batch: Batch): Promise<void> {
  const [, committed] = await Promise.all([
    client.query({ name: 'commit', text: write, values: batch.values() }),
    client.query('COMMIT'),
  ])
  if (committed.command !== 'COMMIT') throw new Fault('internal', 'the database rolled a transaction back without an error')
}

async function resolve(connections: Connections, batch: Batch, lost: unknown): Promise<void> {
  try {
    await connections.patiently(() => resolveOnce(connections, batch, lost))
  } catch (error) {
    if (error instanceof Fault && error.kind !== 'unreachable' && error.kind !== 'timeout') throw error
    if (error instanceof Fault && error.details === notMade) throw error
    throw new Fault(
      'unreachable',
      `${connections.address.place} went away during a commit; whether the change was made is not known`,
      {
        hint: 'look before you try again; a boot with --idempotency-key may simply be repeated',
        cause: error,
      },
    )
  }
}

const notMade = { committed: false }

async function resolveOnce(connections: Connections, batch: Batch, lost: unknown): Promise<void> {
  const client = await connections.writer()
  try {
    const [, heads, tokens] = await Promise.all([
      client.query('BEGIN'),
      client.query('SELECT revision FROM head WHERE one FOR UPDATE'),
      client.query('SELECT token FROM revisions WHERE revision = $1', [batch.base + 1]),
    ])
    if (tokens.rows[0]?.token === batch.token) {
      await client.query('ROLLBACK')
      return
    }
    if (Number(heads.rows[0]?.revision) === batch.base) {
      await send(client, batch)
      return
    }
  } catch (error) {
    await connections.dropWriter()
    throw error
  }
  await client.query('ROLLBACK')
  throw new Fault(
    'unreachable',
    `${connections.address.place} went away before a commit, and others wrote meanwhile: nothing was changed`,
    {
      hint: 'try again',
      details: notMade,
      cause: lost,
    },
  )
}
