import { object, reference } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { acceptMove } from './accept-move.ts'
import { waitField } from './operate.ts'
import { onlyView, operate } from './server-flows.ts'

export const migrate = defineAction({
  name: 'server.migrate',
  summary: 'move a server to another host while it is shut down; it waits for confirm or revert',
  effect: 'write',
  policy: 'admin',
  input: object({
    server: reference().describe('name or id of the server'),
    host: reference().optional().describe('host to move to; the scheduler chooses when not given'),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    const ids = await operate([input.server], 'migrate', input.wait, context, (tx, server, own) =>
      acceptMove(tx, server, { type: 'cold', flavor: server.flavor, host: input.host, own }, context),
    )
    return onlyView(ids, context)
  },
})
