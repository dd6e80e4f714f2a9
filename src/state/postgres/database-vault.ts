/** Secrets of servers in a table of their own, beside the records and outside of their history. */
import type { VaultEntry, WholeVault } from '../vault.ts'
import type { Connections } from './connections.ts'

/** Age at which a secret without a server's record is nobody's: its boot was never accepted. */
const orphanAge = '1 hour'

export interface DatabaseVault extends WholeVault {
  /** Forgets the secrets of servers that never came to be. */
  sweep(): Promise<void>
}

export function databaseVault(connections: Connections): DatabaseVault {
  return {
    async put(serverId, name, text) {
      // Putting the same twice is harmless, so it may be asked again after a lost answer.
      await connections.read(
        'INSERT INTO vault (server_id, name, content) VALUES ($1, $2, $3) ' +
          'ON CONFLICT (server_id, name) DO UPDATE SET content = excluded.content, put_at = now()',
        [serverId, name, Buffer.from(text)],
      )
    },
    async get(serverId, name) {
      const { rows } = await connections.read('SELECT content FROM vault WHERE server_id = $1 AND name = $2', [serverId, name])
      const content: unknown = rows[0]?.content
      return Buffer.isBuffer(content) ? content.toString('utf8') : undefined
    },
    async forget(serverId) {
      await connections.read('DELETE FROM vault WHERE server_id = $1', [serverId])
    },
    async *entries() {
      for (let after: readonly [string, string] = ['', '']; ; ) {
        const { rows } = await connections.read(
          'SELECT server_id, name, content FROM vault WHERE (server_id, name) > ($1, $2) ORDER BY server_id, name LIMIT 50',
          after,
        )
        for (const { server_id, name, content } of rows) yield entryOf(server_id, name, content)
        const last = rows.at(-1)
        if (!last) return
        after = [last.server_id, last.name]
      }
    },
    async sweep() {
      await connections.read(
        `DELETE FROM vault WHERE put_at < now() - interval '${orphanAge}' AND NOT EXISTS ` +
          "(SELECT FROM versions v WHERE v.tbl IN ('servers', 'webhooks') AND v.id = server_id AND v.until IS NULL)",
      )
    },
  }
}

const entryOf = (serverId: string, name: string, content: Buffer): VaultEntry => ({
  serverId,
  name,
  text: content.toString('utf8'),
})
