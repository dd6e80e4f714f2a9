import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { count, object, reference, text, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import { statusOf } from '../../model/states.ts'
import type { Query, Reader } from '../../state/store.ts'
import { defineAction, reading } from '../context.ts'
import { checkMarker, find } from '../find.ts'
import { viewsOf } from './server-flows.ts'

const pageSize = 1000

const input = object({
  name: text().optional().describe('only names that contain this'),
  status: text(32)
    .optional()
    .describe('only this status, for example ACTIVE; SOFT_DELETED servers are listed only when they are asked for'),
  host: reference().optional().describe('only servers on this host'),
  flavor: reference().optional().describe('only servers of this flavor'),
  image: reference().optional().describe('only servers of this image'),
  changesSince: text(40).optional().describe('only servers changed after this ISO 8601 time'),
  deleted: z.boolean().default(false).describe('deleted and soft-deleted servers instead (admin)'),
  allProjects: z.boolean().default(false).describe('servers of every project (admin)'),
  limit: count(1, 1000).default(1000).describe('at most this many'),
  marker: reference().optional().describe('only servers after the one with this id'),
})
type Input = z.infer<typeof input>

export const list = defineAction({
  name: 'server.list',
  summary: 'list servers, newest first',
  effect: 'read',
  policy: 'reader',
  input,
  output: z.array(serverView),
  async run(asked, context) {
    if ((asked.allProjects || asked.deleted) && !holds(context, 'admin'))
      throw new Fault('forbidden', 'servers of other projects and deleted ones are for the role admin')
    return reading(context, async (reader) => {
      if (!asked.allProjects) await checkMarker(reader, 'servers', asked.marker, context)
      const flavorId = asked.flavor === undefined ? undefined : (await find(reader, 'flavors', asked.flavor, context)).id
      const imageId = asked.image === undefined ? undefined : (await find(reader, 'images', asked.image, context)).id
      const where = {
        ...(asked.deleted ? {} : { deleted: false }),
        ...(asked.allProjects ? {} : { projectId: context.projectId }),
        ...(asked.host === undefined ? {} : { host: asked.host }),
      }
      const servers = await matching(reader, where, asked, filterOf(asked, flavorId, imageId))
      return viewsOf(reader, servers)
    })
  },
})

type Test = (server: Server) => boolean

/** As in Nova: soft-deleted servers are with the deleted ones, or found by their status. */
function isAsked(asked: Input): Test {
  if (asked.deleted) return ({ deleted, vmState }) => deleted || vmState === 'soft-delete'
  return asked.status?.toUpperCase() === 'SOFT_DELETED' ? () => true : ({ vmState }) => vmState !== 'soft-delete'
}

function filterOf(asked: Input, flavorId: string | undefined, imageId: string | undefined): Test | undefined {
  const since = asked.changesSince === undefined ? undefined : fromIso(asked.changesSince)
  if (Number.isNaN(since)) throw new Fault('invalid', `changesSince "${asked.changesSince}" is no ISO 8601 time`)
  const tests: Test[] = []
  const { name, status } = asked
  if (name !== undefined) tests.push((server) => server.name.includes(name))
  if (status !== undefined) tests.push((server) => statusOf(server) === status.toUpperCase())
  if (flavorId !== undefined) tests.push((server) => server.flavor.id === flavorId)
  if (imageId !== undefined) tests.push((server) => server.imageId === imageId)
  if (since !== undefined) tests.push((server) => fromIso(server.updatedAt) > since)
  return tests.length === 0 ? undefined : (server) => tests.every((test) => test(server))
}

/** Pages through the table until `limit` servers match. */
async function matching(
  reader: Reader,
  where: Query<'servers'>['where'],
  asked: Input,
  test: Test | undefined,
): Promise<Server[]> {
  const found: Server[] = []
  const isListed = isAsked(asked)
  let marker = asked.marker
  for (;;) {
    const limit = test || asked.deleted ? pageSize : asked.limit
    const page = await reader.list('servers', {
      ...(where ? { where } : {}),
      newestFirst: true,
      limit,
      ...(marker ? { marker } : {}),
    })
    found.push(...page.filter((server) => isListed(server) && (test?.(server) ?? true)))
    marker = page.at(-1)?.id
    if (found.length >= asked.limit || page.length < limit) return found.slice(0, asked.limit)
  }
}
