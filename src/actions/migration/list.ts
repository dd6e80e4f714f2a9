import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import { migrationStatuses, migrationView, viewOfMigration } from '../../model/migration.ts'
import { defineAction, reading } from '../context.ts'
import { find } from '../find.ts'

export const list = defineAction({
  name: 'migration.list',
  summary: 'list moves of servers, newest first',
  effect: 'read',
  policy: 'reader',
  input: object({
    server: reference().optional().describe('only moves of this server'),
    host: reference().optional().describe('only moves from or to this host'),
    status: z.enum(migrationStatuses).optional().describe('only this status'),
    allProjects: z.boolean().default(false).describe('moves in every project (admin)'),
    limit: count(1, 1000).default(100).describe('at most this many'),
  }),
  output: z.array(migrationView),
  async run(input, context) {
    if (input.allProjects && !holds(context, 'admin'))
      throw new Fault('forbidden', 'moves in other projects are for the role admin')
    return reading(context, async (reader) => {
      const serverId = input.server === undefined ? undefined : (await find(reader, 'servers', input.server, context)).id
      const where = {
        ...(serverId === undefined ? {} : { serverId }),
        ...(input.status === undefined ? {} : { status: input.status }),
      }
      const all = await reader.list('migrations', { where, newestFirst: true })
      const shown = all.filter(
        ({ projectId, sourceHost, destHost }) =>
          (input.allProjects || projectId === context.projectId) &&
          (input.host === undefined || sourceHost === input.host || destHost === input.host),
      )
      return Promise.all(
        shown.slice(0, input.limit).map(async (one) => viewOfMigration(one, await reader.get('servers', one.serverId))),
      )
    })
  },
})
