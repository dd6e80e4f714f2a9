import { Fault } from '../../core/fault.ts'
import { count, object, reference, z } from '../../core/schema.ts'
import type { LiveOptions } from '../../model/migration.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { acceptLive, chooseLive } from './accept-live.ts'
import { waitField } from './operate.ts'
import { onlyView, operate, readServer } from './server-flows.ts'

export const liveMigrate = defineAction({
  name: 'server.live-migrate',
  summary: 'move a running server to another host without shutting it down',
  effect: 'write',
  policy: 'admin',
  input: object({
    server: reference().describe('name or id of the server'),
    host: reference().optional().describe('host to move to; the scheduler chooses when not given'),
    blockMigrate: z.boolean().default(false).describe('copy the disks; refused when the hosts share them'),
    shared: z.boolean().default(false).describe('copy no disks; refused when the hosts do not share them'),
    maxDowntime: count(1, 2_000_000).optional().describe('milliseconds that the guest may stand still at the switch-over'),
    bandwidth: count(1, 1_000_000).optional().describe('MiB a second that the move may take'),
    autoConverge: z.boolean().default(false).describe('slow the guest down when its memory changes too fast'),
    postCopy: z.boolean().default(false).describe('let force-complete switch over before all memory has travelled'),
    transport: z
      .enum(['tunnel', 'tls', 'tcp'])
      .default('tunnel')
      .describe('tunnel: through the ssh connections; tls: from host to host; tcp: the same in clear'),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    if (input.blockMigrate && input.shared)
      throw new Fault('invalid', 'block-migrate and shared exclude each other', {
        hint: 'leave both out: what the hosts share is found out',
      })
    if (input.transport === 'tcp')
      context.progress({ type: 'note', message: 'warning: memory and disks travel unencrypted (--transport tcp)' })
    const options: LiveOptions = {
      transport: input.transport,
      storage: input.shared ? 'shared' : input.blockMigrate ? 'copy' : null,
      maxDowntimeMs: input.maxDowntime ?? null,
      bandwidth: input.bandwidth ?? null,
      autoConverge: input.autoConverge,
      postCopy: input.postCopy,
    }
    const server = await readServer(input.server, context)
    const host = await chooseLive(server, input.host, context)
    const ids = await operate([server.id], 'live-migrate', input.wait, context, (tx, found, own) =>
      acceptLive(tx, found, { host, options, own }, context),
    )
    return onlyView(ids, context)
  },
})
