/** Puts an archived tree back: same ids, generations go on. A kill leaves it in the archive, in the store, or in both, unsettled. */
import { Fault } from '../../core/fault.ts'
import type { TableName, Tables } from '../../model/tables.ts'
import type { Archive, Tree } from '../../state/archive.ts'
import type { Authorship, Store, Transaction } from '../../state/store.ts'
import { settle } from './archive-servers.ts'

/** Restores one server; `not-found` when it is not in the archive, `exists` when it never left. In a plan the archive is left alone. */
export async function restoreServer(
  { store, archive, planned }: { readonly store: Store; readonly archive: Archive; readonly planned: boolean },
  authorship: Authorship,
  serverId: string,
): Promise<Tree> {
  if (planned) return putBack(store, authorship, await found(store, archive, serverId))
  return archive.alone(async () => {
    await settle(store, archive)
    const tree = await found(store, archive, serverId)
    await archive.unsettle([serverId])
    try {
      return await putBack(store, authorship, tree)
    } finally {
      await settle(store, archive)
    }
  })
}

async function found(store: Store, archive: Archive, serverId: string): Promise<Tree> {
  const tree = await archive.get(serverId)
  if (tree) return tree
  if (await store.read((reader) => reader.get('servers', serverId)))
    throw new Fault('exists', `server ${serverId} is among the records, not in the archive`)
  throw new Fault('not-found', `no server ${serverId} is in the archive`, { hint: 'nova db archived' })
}

async function putBack(store: Store, authorship: Authorship, tree: Tree): Promise<Tree> {
  await store.transaction(authorship, async (tx) => {
    if (await tx.get('servers', tree.serverId)) throw new Fault('exists', `server ${tree.serverId} is in the records`)
    for (const { table, record } of tree.records) await putRecord(tx, table, record)
  })
  return tree
}

async function putRecord<N extends TableName>(tx: Transaction, table: N, record: object): Promise<void> {
  const stored = record as Tables[N]
  await tx.restore(table, { ...stored, ...(await freeKey(tx, stored)) })
}

/** An idempotency key that was used again in the meantime belongs to the newer request. */
async function freeKey(tx: Transaction, record: object): Promise<object> {
  const key = 'idempotencyKey' in record ? record.idempotencyKey : null
  if (typeof key !== 'string') return {}
  const [holder] = await tx.list('requests', { where: { idempotencyKey: key }, limit: 1 })
  return holder ? { idempotencyKey: null } : {}
}
