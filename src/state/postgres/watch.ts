/** New revisions as they are committed by anybody: woken by NOTIFY, and looked for in between in case one got lost. */
import type { Client } from 'pg'
import type { Clock } from '../../core/ports.ts'
import type { Revision } from '../store.ts'
import type { Connections } from './connections.ts'
import { changesSince } from './history.ts'
import { parsedRevision } from './rows.ts'

/** Milliseconds between looks without a notification. */
const lookMs = 5000

/** Every revision after `from`, in order, until `signal` aborts. Goes on after a reconnection where it was. */
export async function* watchRevisions(
  connections: Connections,
  clock: Clock,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Revision> {
  let last = from
  let listener: Client | undefined
  let isLost = false
  let awaken: () => void = () => undefined
  const onNews = () => awaken()
  signal.addEventListener('abort', onNews)
  try {
    while (!signal.aborted) {
      if (isLost) last = Math.min(last, await newest(connections))
      isLost = false
      // Before the look: what is committed after it is then announced.
      listener ??= await listen(connections, onNews, () => {
        listener = undefined
        isLost = true
        onNews()
      })
      const woken = new Promise<void>((resolve) => {
        awaken = resolve
      })
      for (let news = await changesSince(connections, last); news.length > 0; news = await changesSince(connections, last)) {
        for (const raw of news) {
          if (signal.aborted) return
          last = raw.revision
          yield parsedRevision(raw)
        }
      }
      const rest = new AbortController()
      if (!signal.aborted) await Promise.race([woken, clock.sleep(lookMs, rest.signal).catch(() => undefined)])
      rest.abort()
    }
  } finally {
    signal.removeEventListener('abort', onNews)
    await listener?.end().catch(() => undefined)
  }
}

/** The newest revision: less than what was seen when a standby took over that never had the last commits. */
const newest = async (connections: Connections) =>
  Number((await connections.read('SELECT revision FROM head WHERE one')).rows[0]?.revision)

async function listen(connections: Connections, onNews: () => void, onLost: () => void): Promise<Client> {
  return connections.patiently(async () => {
    const client = await connections.open({ query_timeout: 0, statement_timeout: 0 })
    client.on('notification', onNews)
    client.on('end', onLost)
    await client.query(`LISTEN "${connections.address.schema}"`)
    return client
  })
}
