import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { releaseDomain } from '../../flows/release-domain.ts'
import { changeServer } from '../../flows/server-steps.ts'
import type { Server } from '../../model/server.ts'
import { defineAction, reading } from '../context.ts'
import { operate } from '../server/server-flows.ts'
import { proof, proofOf } from './proof.ts'

export const release = defineAction({
  name: 'import.release',
  summary: 'let an adopted server go: its domain stays on the host as it is',
  effect: 'write',
  policy: 'admin',
  input: object({ server: reference().describe('name or id of the server') }),
  output: proof,
  async run(input, context) {
    const [id = ''] = await operate([input.server], 'release', true, context, async (tx, server, own) => {
      checkRelease(server)
      await changeServer(tx, server.id, { taskState: 'releasing' })
      return context.flows.begin(tx, releaseDomain, { state: { care: null }, server, call: context, own })
    })
    return reading(context, (reader) => proofOf(reader, id))
  },
})

function checkRelease({ name, adopted, taskState }: Server): void {
  if (adopted === null)
    throw new Fault('conflict', `server ${name} was not adopted: nova made it`, { hint: `nova delete ${name}` })
  if (taskState !== null)
    throw new Fault('conflict', `cannot release server ${name}: it is busy (${taskState})`, {
      hint: `wait for it: nova wait ${name}`,
    })
}
