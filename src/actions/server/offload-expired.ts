import { object, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { waitField } from './operate.ts'
import { serverViews } from './server-flows.ts'
import { offload } from './shelve-offload.ts'

export const offloadExpired = defineAction({
  name: 'server.offload-expired',
  summary: 'remove servers from their hosts that are shelved longer than the setting shelvedOffloadTime',
  effect: 'write',
  policy: 'admin',
  input: object({ wait: waitField }),
  output: z.array(serverView),
  async run(input, context) {
    const ids = await idleOnes(context)
    return ids.length === 0 ? [] : serverViews(await offload(ids, input.wait, context), context)
  },
})

/** A server that is busy or locked is left for the next time, and one that would lose its extra disks for a person. */
const idleOnes = (context: Context): Promise<string[]> =>
  reading(context, async (reader) => {
    const { shelvedOffloadTime } = context.settings
    if (shelvedOffloadTime < 0) return []
    const since = context.clock.wall() - shelvedOffloadTime * 1000
    const servers = await reader.list('servers', { where: { deleted: false } })
    const isIdle = ({ taskState, lockedBy, disks }: Server) => taskState === null && lockedBy === null && disks.length === 0
    const isExpired = ({ vmState, shelved }: Server) => vmState === 'shelved' && shelved !== null && fromIso(shelved.at) <= since
    return servers.filter((server) => isIdle(server) && isExpired(server)).map(({ id }) => id)
  })
