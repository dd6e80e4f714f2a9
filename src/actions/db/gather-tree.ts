/** Finds everything that belongs to a server, by the rules of `src/model/server-tree.ts`. */
import { serverTree } from '../../model/server-tree.ts'
import { type TableName, type Tables, tableNames } from '../../model/tables.ts'
import type { TreeRecord } from '../../state/archive.ts'
import type { StoredRecord } from '../../state/record.ts'
import type { Reader } from '../../state/store.ts'

/** A record of any table, as the archive keeps it. */
const stored = (record: object) => record as StoredRecord

/** The records of a server's tree, itself last; undefined while something of it is open. `leaving` names servers that go before it. */
export async function gatherTree(
  reader: Reader,
  server: Tables['servers'],
  leaving: ReadonlySet<string>,
): Promise<TreeRecord[] | undefined> {
  const records: TreeRecord[] = []
  const requests = new Set([server.requestId])
  for (const table of tableNames) {
    const rule = serverTree[table]
    if (rule.kind !== 'owned') continue
    for (const record of await ownedBy(reader, table, rule.field, server.id)) {
      if (record.open === true) return undefined
      if (typeof record.requestId === 'string') requests.add(record.requestId)
      records.push({ table, record })
    }
  }
  for (const table of tableNames) {
    const rule = serverTree[table]
    if (rule.kind !== 'shared') continue
    for (const id of requests) {
      const record = await reader.get(table, id)
      if (record && (await leavesWith(reader, stored(record)[rule.field], server.id, leaving)))
        records.push({ table, record: stored(record) })
    }
  }
  return [...records, { table: 'servers', record: stored(server) }]
}

async function ownedBy<N extends TableName>(reader: Reader, table: N, field: string, id: string): Promise<StoredRecord[]> {
  const where = { [field]: id } as Partial<Tables[N]>
  return (await reader.list(table, { where })).map(stored)
}

/** True when the record names this server and none that stays. */
async function leavesWith(reader: Reader, ids: unknown, serverId: string, leaving: ReadonlySet<string>): Promise<boolean> {
  if (!Array.isArray(ids) || !ids.includes(serverId)) return false
  for (const id of ids) {
    if (id === serverId || leaving.has(id)) continue
    if (await reader.get('servers', id)) return false
  }
  return true
}

/** What tells one state of a tree from another: its records in order, with their generations. */
export interface TreeKey {
  readonly table: TableName
  readonly id: string
  readonly generation: number
}

export const keysOf = (records: readonly TreeRecord[]): TreeKey[] =>
  records.map(({ table, record: { id, generation } }) => ({ table, id, generation }))

/** True when the tree has the same records at the same generations. */
export function isSameTree(keys: readonly TreeKey[], records: readonly TreeRecord[] | undefined): boolean {
  const text = ({ table, id, generation }: TreeKey) => `${table}/${id}/${generation}`
  const known = new Set(keys.map(text))
  return records !== undefined && records.length === keys.length && keysOf(records).every((key) => known.has(text(key)))
}
