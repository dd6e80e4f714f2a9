import { object } from '../../core/schema.ts'
import { defineAction } from '../context.ts'
import { deleteEach, goneServers } from './delete-server.ts'
import { serversField, waitField } from './operate.ts'

export const forceDelete = defineAction({
  name: 'server.force-delete',
  summary: 'delete servers for good and at once, soft-deleted ones before others of their name',
  effect: 'destroy',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: goneServers,
  run: (input, context) => deleteEach('force-delete', input, context),
})
