/** Key pairs as records to fill a store with, and all that it holds. */
import type { Keypair } from '../../src/model/keypair.ts'
import type { Store } from '../../src/state/store.ts'

export const author = { actor: 'alice', request: 'req-1', action: 'keypair.create' }

export function aKeypair(id: string, over: Partial<Keypair> = {}): Omit<Keypair, 'generation'> {
  const { generation: _, ...rest } = { generation: 1, ...over }
  return { id, userId: 'u', name: id, type: 'ssh', publicKey: 'k', fingerprint: '', sha256: '', createdAt: '', ...rest }
}

/** Commits one new keypair. */
export const addKeypair = (store: Store, id: string, over: Partial<Keypair> = {}) =>
  store.transaction(author, (tx) => tx.insert('keypairs', aKeypair(id, over)))

/** Renames keypair `id` by compare-and-swap. */
export const renameKeypair = (store: Store, id: string, name: string) =>
  store.transaction(author, async (tx) => {
    const found = await tx.get('keypairs', id)
    if (!found) throw new Error(`no keypair ${id}`)
    return tx.update('keypairs', { ...found, name })
  })

/** Everything that matters of a store's newest revision, comparable. */
export const contentsOf = (store: Store, moment?: { revision: number }) =>
  store.read(async (reader) => ({ revision: reader.revision, keypairs: await reader.list('keypairs') }), moment)
