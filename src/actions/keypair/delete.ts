import { object, z } from '../../core/schema.ts'
import { keypairView, viewOfKeypair } from '../../model/keypair.ts'
import { defineAction, writing } from '../context.ts'
import { findEach, ifExists, references } from '../find-each.ts'
import { findKeypair } from './find-keypair.ts'

export const remove = defineAction({
  name: 'keypair.delete',
  summary: 'delete key pairs; servers keep the keys they were made with',
  effect: 'destroy',
  policy: 'member',
  input: object({ keypairs: references('keypairs'), ifExists: ifExists() }),
  output: z.array(keypairView),
  run: (input, context) =>
    writing(context, 'keypair.delete', async (tx) => {
      const keypairs = await findEach(input.keypairs, input.ifExists, (keypair) => findKeypair(tx, keypair, context))
      for (const keypair of keypairs) await tx.remove('keypairs', keypair.id)
      return keypairs.map(viewOfKeypair)
    }),
})
