import { name, object, reference } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { changeRecord } from './change.ts'

export const rename = defineAction({
  name: 'server.rename',
  summary: 'give a server another name',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    name: name().describe('the new name'),
  }),
  output: serverView,
  run: (input, context) => changeRecord(input.server, 'rename', context, () => ({ name: input.name })),
})
