import { object, reference } from '../../core/schema.ts'
import { serverGroupView, viewOfServerGroup } from '../../model/placement.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { membersOf } from './members.ts'

export const show = defineAction({
  name: 'server-group.show',
  summary: 'show a server group and its servers',
  effect: 'read',
  policy: 'reader',
  input: object({ serverGroup: reference().describe('name or id of the group') }),
  output: serverGroupView,
  run: (input, context) =>
    reading(context, async (reader) => {
      const group = await find(reader, 'serverGroups', input.serverGroup, context)
      return viewOfServerGroup(group, await membersOf(reader, group.id))
    }),
})
