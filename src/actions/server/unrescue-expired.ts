import { object, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import { serverView } from '../../model/server-view.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { beginOperation, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const unrescueExpired = defineAction({
  name: 'server.unrescue-expired',
  summary: 'unrescue every server that is rescued longer than the setting rescueTimeout',
  effect: 'write',
  policy: 'admin',
  input: object({ wait: waitField }),
  output: z.array(serverView),
  async run({ wait }, context) {
    const ids = await expiredOnes(context)
    if (ids.length === 0) return []
    const begun = await operate(ids, 'unrescue', wait, context, (tx, server, own) =>
      beginOperation(tx, 'unrescue', server, own, context),
    )
    return serverViews(begun, context)
  },
})

/** A server that is busy or locked is left for the next time. */
const expiredOnes = (context: Context): Promise<string[]> =>
  reading(context, async (reader) => {
    const { rescueTimeout } = context.settings
    if (rescueTimeout === 0) return []
    const until = context.clock.wall() - rescueTimeout * 1000
    const servers = await reader.list('servers', { where: { deleted: false } })
    const idle = servers.filter(
      ({ vmState, taskState, lockedBy }) => vmState === 'rescued' && taskState === null && lockedBy === null,
    )
    const since = await Promise.all(idle.map(({ id }) => rescuedAt(reader, id)))
    return idle.filter((_, index) => (since[index] ?? until) <= until).map(({ id }) => id)
  })

async function rescuedAt(reader: Reader, serverId: string): Promise<number | undefined> {
  const flows = await reader.list('flows', { where: { serverId }, newestFirst: true })
  const last = flows.find(({ action, status }) => action === 'rescue' && status === 'done')
  return last?.finishedAt ? fromIso(last.finishedAt) : undefined
}
