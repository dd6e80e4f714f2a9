import { object, z } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { endMove } from './end-move.ts'
import { serversField, waitField } from './operate.ts'
import { serverViews } from './server-flows.ts'

export const revert = defineAction({
  name: 'server.revert',
  summary: 'take servers back to the host, flavor and disks from before their move',
  effect: 'destroy',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(serverView),
  run: async (input, context) => serverViews(await endMove('revert', input.servers, input.wait, context), context),
})
