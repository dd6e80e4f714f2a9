import { object, reference } from '../../core/schema.ts'
import { keypairView, viewOfKeypair } from '../../model/keypair.ts'
import { defineAction, reading } from '../context.ts'
import { findKeypair } from './find-keypair.ts'

export const show = defineAction({
  name: 'keypair.show',
  summary: 'show a key pair',
  effect: 'read',
  policy: 'reader',
  input: object({ keypair: reference().describe('name of the key pair') }),
  output: keypairView,
  run: (input, context) => reading(context, async (reader) => viewOfKeypair(await findKeypair(reader, input.keypair, context))),
})
