import { object, z } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { endMove } from './end-move.ts'
import { expiredResizes } from './expired-resizes.ts'
import { waitField } from './operate.ts'
import { serverViews } from './server-flows.ts'

export const confirmExpired = defineAction({
  name: 'server.confirm-expired',
  summary: 'confirm every resize that waits longer than the setting resizeConfirmWindow',
  effect: 'write',
  policy: 'admin',
  input: object({ wait: waitField }),
  output: z.array(serverView),
  async run(input, context) {
    const ids = await idleOnes(context)
    return ids.length === 0 ? [] : serverViews(await endMove('confirm', ids, input.wait, context), context)
  },
})

/** A server that is busy or locked is left for the next time. */
const idleOnes = (context: Context): Promise<string[]> =>
  reading(context, async (reader) => {
    const expired = await expiredResizes(reader, context.clock.wall(), context.settings.resizeConfirmWindow)
    const servers = await Promise.all(expired.map(({ serverId }) => reader.get('servers', serverId)))
    return servers.flatMap((server) =>
      server?.vmState === 'resized' && server.taskState === null && server.lockedBy === null ? [server.id] : [],
    )
  })
