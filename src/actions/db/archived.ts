import { count, object, slug, text, z } from '../../core/schema.ts'
import { defineAction } from '../context.ts'

const most = 1000

export const archived = defineAction({
  name: 'db.archived',
  summary: 'list archived servers in the order in which they were archived',
  effect: 'read',
  policy: 'admin',
  input: object({
    name: text(255).optional().describe('only servers of this name'),
    project: slug(255).optional().describe('only servers of this project'),
    limit: count(1, most).default(most).describe('servers to list at most'),
    marker: text(64).optional().describe('only servers after the one with this id'),
  }),
  output: z.array(
    z.strictObject({
      id: z.string(),
      name: z.string(),
      projectId: z.string(),
      deletedAt: z.string(),
      archivedAt: z.string(),
      records: z.int(),
    }),
  ),
  async run({ name, project, limit, marker }, context) {
    const archive = await context.archive()
    const found = []
    let isBehind = marker === undefined
    for await (const { serverId: id, counts, ...entry } of archive.entries()) {
      if (found.length >= limit) break
      const isWanted = (name === undefined || entry.name === name) && (project === undefined || entry.projectId === project)
      if (isBehind && isWanted) found.push({ id, ...entry, records: counts.reduce((sum, [, records]) => sum + records, 0) })
      isBehind ||= id === marker
    }
    return found
  },
})
