import { object, reference } from '../../core/schema.ts'
import { migrationView } from '../../model/migration.ts'
import { defineAction } from '../context.ts'
import { giveOrder } from './order.ts'

export const forceComplete = defineAction({
  name: 'migration.force-complete',
  summary: "make a live migration end soon, at the cost of the guest's pace",
  effect: 'write',
  policy: 'admin',
  input: object({
    target: reference().describe('server that moves, or id of its migration'),
    migration: reference().optional().describe('id of the migration, when the server was given first'),
  }),
  output: migrationView,
  run: (input, context) => giveOrder('force-complete', input.migration ?? input.target, context),
})
