import { object, reference } from '../../core/schema.ts'
import { migrationView } from '../../model/migration.ts'
import { defineAction } from '../context.ts'
import { giveOrder } from './order.ts'

export const abort = defineAction({
  name: 'migration.abort',
  summary: 'end a live migration; the server stays where it was',
  effect: 'write',
  policy: 'admin',
  input: object({
    target: reference().describe('server that moves, or id of its migration'),
    migration: reference().optional().describe('id of the migration, when the server was given first'),
  }),
  output: migrationView,
  run: (input, context) => giveOrder('abort', input.migration ?? input.target, context),
})
