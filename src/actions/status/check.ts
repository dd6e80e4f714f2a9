import { object, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { upgradeChecks } from './upgrade-checks.ts'

export const check = defineAction({
  name: 'status.check',
  summary: 'check whether everything is ready for an upgrade',
  effect: 'read',
  policy: 'admin',
  input: object({}),
  output: z.array(
    z.strictObject({ check: z.string(), result: z.enum(['Success', 'Warning', 'Failure']), details: z.string().nullable() }),
  ),
  run: (_, context) => upgradeChecks(context),
})
