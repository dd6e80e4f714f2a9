import { list, object, reference, text } from '../../core/schema.ts'
import { withoutKeys } from '../../model/pairs.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { changeRecord } from './change.ts'

export const unset = defineAction({
  name: 'server.unset',
  summary: 'remove metadata of a server',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    keys: list(text(), 128).min(1).describe('metadata keys to remove'),
  }),
  output: serverView,
  run: (input, context) =>
    changeRecord(input.server, 'unset', context, (server) => ({
      metadata: withoutKeys(server.metadata, input.keys, `server ${server.name}`),
    })),
})
