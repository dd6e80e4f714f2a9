import { count, object, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { deadMessage, queuesOf } from './queues-of.ts'

export const retry = defineAction({
  name: 'queue.retry',
  summary: 'put messages that nobody could work back into their queues',
  effect: 'write',
  policy: 'admin',
  input: object({
    ids: z.array(text(80)).max(1000).default([]).describe('ids of messages; all of the oldest when none is given'),
    limit: count(1, 1000).default(100).describe('look at the oldest so many'),
  }),
  output: z.array(deadMessage),
  run: async ({ ids, limit }, context) => queuesOf(context).retry(ids.length === 0 ? undefined : ids, limit),
})
