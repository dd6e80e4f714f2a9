import { object, slug, z } from '../../core/schema.ts'
import { limitOf, quotaResources, quotaView } from '../../model/quota.ts'
import { defineAction, reading } from '../context.ts'
import { projectOf } from './project.ts'
import { heldBy } from './usage.ts'

export const show = defineAction({
  name: 'quota.show',
  summary: "show a project's limits and what it uses",
  effect: 'read',
  policy: 'reader',
  input: object({ project: slug(255).optional().describe('project; yours when left out') }),
  output: z.array(quotaView),
  async run(input, context) {
    const projectId = projectOf(context, input.project)
    return reading(context, async (reader) => {
      const record = await reader.get('quotas', projectId)
      const held = await heldBy(reader, projectId, context.userId)
      return quotaResources.map((resource) => ({
        projectId,
        resource,
        limit: limitOf(record, resource),
        used: held.get(resource) ?? null,
      }))
    })
  },
})
