import { object, z } from '../../core/schema.ts'
import { fromIso } from '../../core/time.ts'
import { serverView } from '../../model/server-view.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { beginOperation, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const rebootStuck = defineAction({
  name: 'server.reboot-stuck',
  summary: 'reboot hard every server that reboots longer than the setting rebootTimeout',
  effect: 'write',
  policy: 'admin',
  input: object({ wait: waitField }),
  output: z.array(serverView),
  async run({ wait }, context) {
    const ids = await stuckOnes(context)
    if (ids.length === 0) return []
    const hard = await operate(ids, 'reboot', wait, context, (tx, server, own) =>
      beginOperation(tx, 'reboot-hard', server, own, context, { timeoutMs: 0 }),
    )
    return serverViews(hard, context)
  },
})

const stuckOnes = (context: Context): Promise<string[]> =>
  reading(context, async (reader) => {
    const { rebootTimeout } = context.settings
    if (rebootTimeout === 0) return []
    const until = context.clock.wall() - rebootTimeout * 1000
    const open = await reader.list('flows', { where: { open: true } })
    const late = open.filter(({ action, createdAt }) => action.startsWith('reboot') && fromIso(createdAt) <= until)
    const servers = await Promise.all(late.map(({ serverId }) => reader.get('servers', serverId)))
    return servers.flatMap((server) => (server && !server.deleted && server.lockedBy === null ? [server.id] : []))
  })
