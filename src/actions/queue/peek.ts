import { count, object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { deadMessage, queuesOf } from './queues-of.ts'

export const peek = defineAction({
  name: 'queue.peek',
  summary: 'show messages that nobody could work, oldest first; they stay',
  effect: 'read',
  policy: 'admin',
  input: object({ limit: count(1, 1000).default(20).describe('at most this many') }),
  output: z.array(deadMessage),
  run: async ({ limit }, context) => queuesOf(context).peek(limit),
})
