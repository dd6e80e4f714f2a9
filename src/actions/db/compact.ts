import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

export const compact = defineAction({
  name: 'db.compact',
  summary:
    'write a snapshot of the records now and compress the journal before it; in a database, free the room of replaced rows',
  effect: 'write',
  policy: 'admin',
  input: object({}),
  output: z.strictObject({ revision: z.int() }),
  async run(_, context) {
    if (!context.plan) await context.store.compact({ force: true })
    return { revision: await context.store.read(async (reader) => reader.revision) }
  },
})
