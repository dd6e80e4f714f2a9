import { object, z } from '../../core/schema.ts'
import { defineAction, reading } from '../context.ts'
import { queuesOf } from './queues-of.ts'

export const list = defineAction({
  name: 'queue.list',
  summary: 'list the queues of the message broker: what waits in them, and who takes it',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.array(z.strictObject({ name: z.string(), messages: z.int(), consumers: z.int() })),
  async run(_, context) {
    const queues = queuesOf(context)
    const hosts = await reading(context, (reader) => reader.list('hosts'))
    return queues.list(['conductor', 'records', ...hosts.map(({ name }) => `compute.${name}`)])
  },
})
