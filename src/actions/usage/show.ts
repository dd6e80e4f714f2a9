import { object, slug, text } from '../../core/schema.ts'
import { defineAction, reading } from '../context.ts'
import { projectOf } from '../quota/project.ts'
import { periodOf, usageOver, usageView } from './tenant-usage.ts'

export const show = defineAction({
  name: 'usage.show',
  summary: 'show what the servers of a project took over a time',
  effect: 'read',
  policy: 'reader',
  input: object({
    project: slug(255).optional().describe('project; yours when left out'),
    start: text(64).optional().describe('first moment; four weeks before the end when left out'),
    end: text(64).optional().describe('last moment; now when left out'),
  }),
  output: usageView,
  async run(input, context) {
    const projectId = projectOf(context, input.project)
    const period = periodOf(input.start, input.end, context.clock.wall())
    const servers = await reading(context, (reader) => reader.list('servers', { where: { projectId } }))
    return usageOver(projectId, servers, period)
  },
})
