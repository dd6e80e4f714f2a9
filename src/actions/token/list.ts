import { count, object, reference, z } from '../../core/schema.ts'
import { tokenView, viewOfToken } from '../../model/token.ts'
import { defineAction, reading } from '../context.ts'

export const list = defineAction({
  name: 'token.list',
  summary: 'list tokens, without their secrets',
  effect: 'read',
  policy: 'admin',
  input: object({
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only tokens after the one with this id'),
  }),
  output: z.array(tokenView),
  async run({ limit, marker }, context) {
    const query = { limit, ...(marker === undefined ? {} : { marker }) }
    return (await reading(context, (reader) => reader.list('tokens', query))).map(viewOfToken)
  },
})
