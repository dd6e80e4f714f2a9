import { object, z } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { endMove } from './end-move.ts'
import { serversField, waitField } from './operate.ts'
import { serverViews } from './server-flows.ts'

export const confirm = defineAction({
  name: 'server.confirm',
  summary: 'keep servers where they moved and destroy the copies they came from',
  effect: 'write',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(serverView),
  run: async (input, context) => serverViews(await endMove('confirm', input.servers, input.wait, context), context),
})
