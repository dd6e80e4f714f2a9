/** The caller's key pair of that name; another user's looks missing. */
import { Fault } from '../../core/fault.ts'
import { nearest } from '../../core/nearest.ts'
import { type Keypair, keypairId } from '../../model/keypair.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'

export async function findKeypair(reader: Reader, name: string, context: Context): Promise<Keypair> {
  const keypair = await reader.get('keypairs', keypairId(context.userId, name))
  if (keypair && keypair.userId === context.userId) return keypair
  const own = await reader.list('keypairs', { where: { userId: context.userId }, limit: 1000 })
  const near = nearest(
    name,
    own.map((one) => one.name),
  )
  const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'nova keypair list shows what there is'
  throw new Fault('not-found', `no keypair named "${name}"`, { hint })
}
