import { object, text, z } from '../../core/schema.ts'
import type { Server } from '../../model/server.ts'
import { defineAction, reading } from '../context.ts'
import { periodOf, usageOver, usageView } from './tenant-usage.ts'

export const list = defineAction({
  name: 'usage.list',
  summary: 'list what the servers of each project took over a time',
  effect: 'read',
  policy: 'admin',
  input: object({
    start: text(64).optional().describe('first moment; four weeks before the end when left out'),
    end: text(64).optional().describe('last moment; now when left out'),
  }),
  output: z.array(usageView),
  async run(input, context) {
    const period = periodOf(input.start, input.end, context.clock.wall())
    const servers = await reading(context, (reader) => reader.list('servers'))
    const byProject = new Map<string, Server[]>()
    for (const server of servers) {
      const own = byProject.get(server.projectId)
      if (own) own.push(server)
      else byProject.set(server.projectId, [server])
    }
    return [...byProject].map(([projectId, own]) => usageOver(projectId, own, period)).filter((usage) => usage.servers > 0)
  },
})
