/** Writes a key pair's record: one name a user, within the quota. */
import { Fault } from '../../core/fault.ts'
import { iso } from '../../core/time.ts'
import { type Keypair, keypairId } from '../../model/keypair.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, writing } from '../context.ts'
import { checkCount } from '../quota/usage.ts'
import { fingerprintsOf, type PublicKey } from './keys.ts'

/** The new record, or with `orReuse` the one that holds the same key under that name already. */
export async function addKeypair(
  context: Context,
  action: string,
  name: string,
  key: PublicKey,
  orReuse: boolean,
): Promise<Keypair> {
  const fingerprints = await fingerprintsOf(key.blob)
  const { userId } = context
  return writing(context, action, async (tx) => {
    const id = keypairId(userId, name)
    const same = await tx.get('keypairs', id)
    if (same && orReuse && same.sha256 === fingerprints.sha256) return same
    if (same) throw new Fault('exists', `keypair "${name}" exists already with the fingerprint ${same.fingerprint}`)
    await checkOneMore(tx, context)
    return tx.insert('keypairs', {
      id,
      userId,
      name,
      type: 'ssh',
      publicKey: key.line,
      ...fingerprints,
      createdAt: iso(context.clock.wall()),
    })
  })
}

/** Throws `over-quota` when the caller may have no further key pair. */
export async function checkOneMore(tx: Transaction, { userId, projectId }: Pick<Context, 'userId' | 'projectId'>): Promise<void> {
  await checkCount(tx, projectId, 'key_pairs', await tx.count('keypairs', { where: { userId } }), `user ${userId}`)
}
