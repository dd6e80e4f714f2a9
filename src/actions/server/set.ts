import { object, pairs, reference } from '../../core/schema.ts'
import { withPairs } from '../../model/pairs.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { changeRecord } from './change.ts'

export const set = defineAction({
  name: 'server.set',
  summary: 'set metadata of a server',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    metadata: pairs().min(1).describe('key=value pairs to set'),
  }),
  output: serverView,
  run: (input, context) =>
    changeRecord(input.server, 'set', context, (server) => ({
      metadata: withPairs(server.metadata, input.metadata, `server ${server.name}`),
    })),
})
