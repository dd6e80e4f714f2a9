import { count, object, reference, z } from '../../core/schema.ts'
import { keypairId, keypairView, viewOfKeypair } from '../../model/keypair.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'keypair.list',
  summary: 'list your key pairs',
  effect: 'read',
  policy: 'reader',
  input: object({
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only key pairs after the one of this name'),
  }),
  output: z.array(keypairView),
  async run(input, context) {
    const { userId } = context
    const after = input.marker === undefined ? {} : { marker: keypairId(userId, input.marker) }
    const query = { where: { userId }, limit: input.limit, ...after }
    const keypairs = await reading(context, (reader) => reader.list('keypairs', query))
    return keypairs.map(viewOfKeypair)
  },
})
