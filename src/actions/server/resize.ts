import { Fault } from '../../core/fault.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { findFlavor } from '../flavor/find-flavor.ts'
import { acceptMove } from './accept-move.ts'
import { endMove } from './end-move.ts'
import { waitField } from './operate.ts'
import { onlyView, operate } from './server-flows.ts'

export const resize = defineAction({
  name: 'server.resize',
  summary: 'move a server to another flavor; it waits for confirm or revert',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    flavor: reference().describe('its new size'),
    host: reference().optional().describe('host to move to (admin)'),
    autoConfirm: z.boolean().default(false).describe('confirm as soon as it runs with its new size'),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    if (input.autoConfirm && !input.wait)
      throw new Fault('invalid', 'auto-confirm needs somebody who waits', { hint: 'leave out --no-wait' })
    const ids = await operate([input.server], 'resize', input.wait, context, async (tx, server, own) => {
      const flavor = await newFlavor(tx, server, input.flavor, context)
      return acceptMove(tx, server, { type: 'resize', flavor, host: input.host, own }, context)
    })
    if (input.autoConfirm) await endMove('confirm', ids, true, context)
    return onlyView(ids, context)
  },
})

async function newFlavor(tx: Transaction, server: Server, reference: string, context: Context): Promise<FlavorCopy> {
  const { generation: _, isPublic: __, description: ___, createdAt: ____, ...copy } = await findFlavor(tx, reference, context)
  if (copy.id !== server.flavor.id) return copy
  throw new Fault('invalid', `server ${server.name} has flavor ${copy.name} already`, {
    hint: `nova migrate ${server.name} moves it as it is`,
  })
}
