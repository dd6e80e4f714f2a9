import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { object, reference } from '../../core/schema.ts'
import { migrationView, viewOfMigration } from '../../model/migration.ts'
import { defineAction, reading } from '../context.ts'

export const show = defineAction({
  name: 'migration.show',
  summary: 'show one move of a server',
  effect: 'read',
  policy: 'reader',
  input: object({ migration: reference().describe('id of the move') }),
  output: migrationView,
  run: (input, context) =>
    reading(context, async (reader) => {
      const found = await reader.get('migrations', input.migration)
      if (found && (found.projectId === context.projectId || holds(context, 'admin')))
        return viewOfMigration(found, await reader.get('servers', found.serverId))
      throw new Fault('not-found', `no migration with the id "${input.migration}"`, { hint: 'nova migration list' })
    }),
})
