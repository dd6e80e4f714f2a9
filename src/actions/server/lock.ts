import { object, reference, text } from '../../core/schema.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { changeRecord } from './change.ts'

export const lock = defineAction({
  name: 'server.lock',
  summary: 'refuse changes of a server until it is unlocked, by an administrator when one of another project locked it',
  effect: 'write',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    reason: text().optional().describe('why, shown to whoever is refused'),
  }),
  output: serverView,
  run: (input, context) =>
    changeRecord(input.server, 'lock', context, ({ projectId }) => ({
      lockedBy: projectId === context.projectId ? 'owner' : 'admin',
      lockedReason: input.reason ?? null,
    })),
})
