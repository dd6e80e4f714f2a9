import { object } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { beginDelete, beginSoftDelete, deleteEach, goneServers, isKept } from './delete-server.ts'
import { serversField, waitField } from './operate.ts'

export const remove = defineAction({
  name: 'server.delete',
  summary: 'delete servers, at once or after the setting reclaimInstanceInterval',
  effect: 'destroy',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: goneServers,
  run: (input, context) =>
    deleteEach('delete', input, context, (tx, server, own) =>
      (isKept(server, context) ? beginSoftDelete : beginDelete)(tx, server, own, context),
    ),
})
