import { object, text, z } from '../../core/schema.ts'
import { keypairName, keypairView, viewOfKeypair } from '../../model/keypair.ts'
import { defineAction } from '../context.ts'
import { addKeypair } from './add-keypair.ts'
import { readPublicKey } from './keys.ts'

export const importKey = defineAction({
  name: 'keypair.import',
  summary: 'keep a public key that you have',
  effect: 'write',
  policy: 'member',
  input: object({
    name: keypairName().describe('name of the key pair'),
    publicKey: text(16384).describe('the public key'),
    orReuse: z.boolean().default(false).describe('no error when that very key has the name already'),
  }),
  output: keypairView,
  // a private key given by mistake must not reach a log either
  secrets: ['publicKey'],
  async run(input, context) {
    const key = readPublicKey(input.publicKey)
    return viewOfKeypair(await addKeypair(context, 'keypair.import', input.name, key, input.orReuse))
  },
})
