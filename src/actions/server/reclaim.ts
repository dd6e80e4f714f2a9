import { object } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { deleteEach, goneServers } from './delete-server.ts'
import { waitField } from './operate.ts'

/** Servers of one call: what is left comes with the next. */
const most = 100

export const reclaim = defineAction({
  name: 'server.reclaim',
  summary: 'delete servers for good that were soft deleted longer than the setting reclaimInstanceInterval ago',
  effect: 'destroy',
  policy: 'admin',
  input: object({ wait: waitField }),
  output: goneServers,
  async run({ wait }, context) {
    const servers = await expiredOnes(context)
    return servers.length === 0 ? [] : deleteEach('reclaim', { servers, wait }, context)
  },
})

/** A server that is busy or locked is left for the next time; without the setting nothing is deleted by itself. */
const expiredOnes = (context: Context): Promise<string[]> =>
  reading(context, async (reader) => {
    const { reclaimInstanceInterval } = context.settings
    if (reclaimInstanceInterval === 0) return []
    const since = context.clock.wall() - reclaimInstanceInterval * 1000
    const servers = await reader.list('servers', { where: { vmState: 'soft-delete', deleted: false } })
    return servers
      .filter(({ taskState, lockedBy }) => taskState === null && lockedBy === null)
      .filter(({ deletedAt }) => deletedAt !== null && fromIso(deletedAt) <= since)
      .slice(0, most)
      .map(({ id }) => id)
  })
