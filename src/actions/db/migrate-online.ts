import { count, object, z } from '../../core/schema.ts'
import { type OnlineMigration, onlineMigrations } from '../../state/online-migrations.ts'
import { defineAction } from '../context.ts'
import { runMigrations } from './run-migrations.ts'

export const migrateOnline = defineAction({
  name: 'db.migrate-online',
  summary: 'make the changes of records that are made while everything runs',
  effect: 'write',
  policy: 'admin',
  input: object({
    maxCount: count(1, 2 ** 31 - 1)
      .optional()
      .describe('records to change at most; batches of 50 until done when left out'),
  }),
  output: z.array(
    z.strictObject({
      name: z.string(),
      found: z.int().describe('records that needed it'),
      done: z.int().describe('records that were changed'),
      error: z.string().nullable(),
    }),
  ),
  async run({ maxCount }, context) {
    const authorship = { actor: context.userId, request: context.requestId, action: 'db.migrate-online' }
    const upkeep = await context.upkeep()
    const renewal: OnlineMigration = {
      name: 'records in the form in force',
      async run(_store, _authorship, most) {
        if (context.plan) return { found: await upkeep.olderRecords(), done: 0 }
        const done = await upkeep.renew(most)
        return { found: done, done }
      },
    }
    return runMigrations([renewal, ...onlineMigrations], context.store, authorship, maxCount, context.signal)
  },
})
