import { holds } from '../../core/perform.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import { serverGroupView, viewOfServerGroup } from '../../model/placement.ts'
import { defineAction, reading } from '../context.ts'
import { checkMarker } from '../find.ts'
import { membersOf } from './members.ts'

export const list = defineAction({
  name: 'server-group.list',
  summary: 'list server groups',
  effect: 'read',
  policy: 'reader',
  input: object({
    allProjects: z.boolean().default(false).describe('groups of every project (admin)'),
    limit: count(1, 1000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only groups after this id'),
  }),
  output: z.array(serverGroupView),
  async run(input, context) {
    const everybody = input.allProjects && holds(context, 'admin')
    const where = everybody ? {} : { where: { projectId: context.projectId } }
    const page = { limit: input.limit, ...(input.marker === undefined ? {} : { marker: input.marker }) }
    return reading(context, async (reader) => {
      if (!everybody) await checkMarker(reader, 'serverGroups', input.marker, context)
      const groups = await reader.list('serverGroups', { ...where, ...page })
      return Promise.all(groups.map(async (group) => viewOfServerGroup(group, await membersOf(reader, group.id))))
    })
  },
})
