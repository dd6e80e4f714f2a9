import { count, object, reference, z } from '../../core/schema.ts'
import { hostView } from '../../model/host.ts'
import { defineAction, reading } from '../context.ts'
import { viewsOfHosts } from './host-use.ts'

export const list = defineAction({
  name: 'host.list',
  summary: 'list hosts with what is used of them',
  effect: 'read',
  policy: 'admin',
  input: object({
    zone: reference().optional().describe('only hosts of this availability zone'),
    status: z.enum(['enabled', 'disabled']).optional().describe('only enabled or disabled hosts'),
    limit: count(1, 10_000).default(1000).describe('at most this many'),
    marker: reference().optional().describe('only hosts after this id'),
  }),
  output: z.array(hostView),
  run: (input, context) =>
    reading(context, async (reader) => {
      const where = input.status === undefined ? {} : { where: { enabled: input.status === 'enabled' } }
      const page = { limit: input.limit, ...(input.marker === undefined ? {} : { marker: input.marker }) }
      const views = await viewsOfHosts(reader, await reader.list('hosts', { ...where, ...page }), context)
      return views.filter((host) => input.zone === undefined || host.zone === input.zone)
    }),
})
