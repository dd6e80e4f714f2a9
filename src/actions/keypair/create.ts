import { Fault } from '../../core/fault.ts'
import { count, object, text, z } from '../../core/schema.ts'
import { keypairName, keypairView, viewOfKeypair } from '../../model/keypair.ts'
import { type Context, defineAction } from '../context.ts'
import { addKeypair } from './add-keypair.ts'
import { generateKey, readPublicKey } from './keys.ts'

export const create = defineAction({
  name: 'keypair.create',
  summary: 'make a key pair; its private key is shown once and never kept',
  effect: 'write',
  policy: 'member',
  input: object({
    name: keypairName().describe('name of the key pair'),
    algorithm: z.enum(['ed25519', 'rsa']).optional().describe('kind of key, ed25519 when left out'),
    bits: count(2048, 8192).optional().describe('length of an rsa key, 3072 when left out'),
    publicKey: text(16384).optional().describe('public key to keep instead of making one'),
  }),
  output: keypairView.extend({ privateKey: z.string().nullable() }),
  // a private key given by mistake must not reach a log either
  secrets: ['publicKey'],
  async run(input, context) {
    const key = await keyFor(input, context)
    const keypair = await addKeypair(context, 'keypair.create', input.name, key, false)
    // a plan keeps no record, so nobody may get a key that looks like one
    return { ...viewOfKeypair(keypair), privateKey: context.plan ? null : key.privateKey }
  },
})

type Wanted = Readonly<Partial<{ publicKey: string; algorithm: 'ed25519' | 'rsa'; bits: number }>> & { readonly name: string }

async function keyFor({ name, publicKey, algorithm = 'ed25519', bits }: Wanted, context: Context) {
  if (bits !== undefined && algorithm !== 'rsa') throw new Fault('invalid', `bits belongs to rsa keys, not to ${algorithm}`)
  if (publicKey !== undefined) return { ...readPublicKey(publicKey), privateKey: null }
  const comment = `${context.userId}@${name}`.replace(/\s+/g, '-')
  return generateKey(algorithm, bits ?? 3072, comment, context.random)
}
