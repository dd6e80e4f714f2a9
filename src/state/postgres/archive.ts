/**
 * The archive in a table beside the records. It keeps to the same order of writes as the archive of files, so that both
 * share one archiver: first the tree is here, unsettled, then its records leave the store.
 */
import { type Archive, addCounts, type Purged, type Tree, type TreeEntry, type TreeRecord, type WrittenTree } from '../archive.ts'
import { treeWith } from '../json/archive-members.ts'
import { migrations } from '../json/migrations.ts'
import { withAdvisoryLock } from './advisory-lock.ts'
import type { Connections } from './connections.ts'

/** Rows that are fetched at once, without their records and with them. */
const page = 500
const treesAtOnce = 50

export const postgresArchive = (connections: Connections): Archive => new PostgresArchive(connections)

class PostgresArchive implements Archive {
  readonly place: string
  readonly #connections: Connections

  constructor(connections: Connections) {
    this.#connections = connections
    this.place = `${connections.address.place} (table archive)`
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    return withAdvisoryLock(this.#connections, 'archive', `${this.place}: another process archives, restores or purges`, work)
  }

  async add(trees: readonly WrittenTree[]): Promise<void> {
    await this.#ask(
      `INSERT INTO archive (server_id, name, project_id, deleted_at, archived_at, counts, schema, records)
       SELECT i, n, p, d, a, c::json, $7, r::json
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $8::text[]) AS u (i, n, p, d, a, c, r)
       ON CONFLICT (server_id) DO UPDATE SET place = DEFAULT, name = excluded.name, project_id = excluded.project_id,
         deleted_at = excluded.deleted_at, archived_at = excluded.archived_at, counts = excluded.counts,
         schema = excluded.schema, records = excluded.records, unsettled = true`,
      [
        ...[trees.map((tree) => tree.serverId), trees.map((tree) => tree.name), trees.map((tree) => tree.projectId)],
        ...[trees.map((tree) => tree.deletedAt), trees.map((tree) => tree.archivedAt)],
        ...[trees.map((tree) => JSON.stringify(tree.counts)), migrations.length],
        trees.map((tree) => tree.text),
      ],
    )
  }

  async unsettled(): Promise<string[]> {
    const { rows } = await this.#ask('SELECT server_id FROM archive WHERE unsettled ORDER BY place')
    return rows.map(({ server_id }) => String(server_id))
  }

  async unsettle(ids: readonly string[]): Promise<void> {
    await this.#ask('UPDATE archive SET unsettled = true WHERE server_id = ANY($1)', [ids])
  }

  async settle(ids: readonly string[]): Promise<void> {
    await this.#ask('UPDATE archive SET unsettled = false WHERE server_id = ANY($1)', [ids])
  }

  async forget(ids: readonly string[]): Promise<void> {
    await this.#ask('DELETE FROM archive WHERE server_id = ANY($1)', [ids])
  }

  async get(serverId: string): Promise<Tree | undefined> {
    if (serverId.includes('\0')) return undefined
    const { rows } = await this.#ask('SELECT * FROM archive WHERE server_id = $1', [serverId])
    const [row] = rows
    if (!row) return undefined
    const records: readonly TreeRecord[] = row.records
    return treeWith(entryOf(row), records, row.schema)
  }

  async *entries(): AsyncGenerator<TreeEntry> {
    for (let after = '0'; ; ) {
      const { rows } = await this.#ask(
        'SELECT place, server_id, name, project_id, deleted_at, archived_at, counts FROM archive WHERE place > $1 ORDER BY place LIMIT $2',
        [after, page],
      )
      for (const row of rows) yield entryOf(row)
      const last = rows.at(-1)
      if (!last) return
      after = last.place
    }
  }

  async *trees(): AsyncGenerator<Tree> {
    for (let after = '0'; ; ) {
      const { rows } = await this.#ask('SELECT * FROM archive WHERE place > $1 ORDER BY place LIMIT $2', [after, treesAtOnce])
      for (const row of rows) yield treeWith(entryOf(row), row.records, row.schema)
      const last = rows.at(-1)
      if (!last) return
      after = last.place
    }
  }

  async purge(before: string | undefined, planned: boolean): Promise<Purged> {
    const condition = '($1::text IS NULL OR deleted_at < $1)'
    const chosen = planned
      ? `SELECT counts FROM archive WHERE ${condition}`
      : `DELETE FROM archive WHERE server_id IN (SELECT server_id FROM archive WHERE ${condition} ORDER BY place LIMIT ${page}) RETURNING counts`
    const counts = new Map<string, number>()
    let servers = 0
    for (;;) {
      const { rows } = await this.#ask(chosen, [before ?? null])
      servers += rows.length
      for (const row of rows) addCounts(counts, row.counts)
      if (planned || rows.length < page) return { servers, counts }
    }
  }

  /** Everything that is asked may be asked twice, so a server that restarts is waited for. */
  #ask(text: string, values: readonly unknown[] = []) {
    return this.#connections.read(text, values)
  }
}

interface Row {
  readonly server_id: string
  readonly name: string
  readonly project_id: string
  readonly deleted_at: string
  readonly archived_at: string
  readonly counts: TreeEntry['counts']
}

const entryOf = (row: Row): TreeEntry => ({
  serverId: row.server_id,
  name: row.name,
  projectId: row.project_id,
  deletedAt: row.deleted_at,
  archivedAt: row.archived_at,
  counts: row.counts,
})
