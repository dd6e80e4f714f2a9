import { object, z } from '../../core/schema.ts'
import { serverGroupView, viewOfServerGroup } from '../../model/placement.ts'
import { defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { findEach, ifExists, references } from '../find-each.ts'
import { membersOf } from './members.ts'

export const remove = defineAction({
  name: 'server-group.delete',
  summary: 'delete server groups; their servers stay',
  effect: 'destroy',
  policy: 'member',
  input: object({ serverGroups: references('server groups'), ifExists: ifExists() }),
  output: z.array(serverGroupView),
  run: (input, context) =>
    writing(context, 'server-group.delete', async (tx) => {
      const groups = await findEach(input.serverGroups, input.ifExists, (group) => find(tx, 'serverGroups', group, context))
      const views = []
      for (const group of groups) {
        views.push(viewOfServerGroup(group, await membersOf(tx, group.id)))
        await tx.remove('serverGroups', group.id)
      }
      return views
    }),
})
