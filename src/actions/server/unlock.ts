import { object, reference } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { changeRecord } from './change.ts'

export const unlock = defineAction({
  name: 'server.unlock',
  summary: 'allow changes of a locked server again',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
  }),
  output: serverView,
  run: (input, context) => changeRecord(input.server, 'unlock', context, () => ({ lockedBy: null, lockedReason: null })),
})
