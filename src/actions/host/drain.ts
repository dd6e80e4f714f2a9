import { object, reference, text, z } from '../../core/schema.ts'
import type { HostRecord } from '../../model/host.ts'
import { defineAction, writing } from '../context.ts'
import { find } from '../find.ts'
import { moveAway, recordMover } from '../server/move-away.ts'
import { moveEach, moveRow } from '../server/move-each.ts'
import { serversOn } from './host-use.ts'

/** How every reason of a drained host begins; `host undrain` looks for it. */
export const draining = 'draining'

/** Each move loads two hosts and the network between them. */
const atOnce = 2

export const drain = defineAction({
  name: 'host.drain',
  summary: 'disable a host and move its servers elsewhere, running ones live where they can; the rest stays and is named',
  effect: 'write',
  policy: 'admin',
  input: object({
    host: reference().describe('name or id of the host'),
    reason: text(200).optional().describe('why, for whoever finds it disabled'),
  }),
  output: z.array(moveRow),
  async run(input, context) {
    const { name, servers } = await writing(context, 'host.drain', async (tx) => {
      const host = await find(tx, 'hosts', input.host, context)
      await tx.update('hosts', closed(host, input.reason))
      await recordMover(tx, 'host.drain', host.name, context)
      return { name: host.name, servers: await serversOn(tx, host.name) }
    })
    const inOrder = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1))
    const work = { label: `drain ${name}`, from: () => name, parallel: atOnce }
    return moveEach(
      inOrder,
      { ...work, begin: ({ id }) => moveAway(id, { action: 'host.drain', mayShutDown: true }, context) },
      context,
    )
  },
})

/** A host that somebody disabled for another reason keeps that one, and stays disabled for it after undrain. */
function closed(host: HostRecord, reason: string | undefined): HostRecord {
  const isForeign = !host.enabled && !isDraining(host)
  if (isForeign || (isDraining(host) && reason === undefined)) return host
  return { ...host, enabled: false, disabledReason: reason === undefined ? draining : `${draining}: ${reason}` }
}

/** Whether the host was disabled by a drain. */
export const isDraining = ({ enabled, disabledReason }: HostRecord): boolean =>
  !enabled && (disabledReason === draining || (disabledReason ?? '').startsWith(`${draining}: `))
