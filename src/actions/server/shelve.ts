import { Fault } from '../../core/fault.ts'
import { count, object, z } from '../../core/schema.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { type ShelveState, shelveServer } from '../../flows/shelve-server.ts'
import { guard, needNoDisks } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { insertImage } from './image-record.ts'
import { serversField, waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const shelve = defineAction({
  name: 'server.shelve',
  summary: 'shut servers down and keep their root disks as images, so that they need no host',
  effect: 'write',
  policy: 'member',
  input: object({
    servers: serversField,
    shutdownTimeout: count(0, 3600).optional().describe('seconds that the guest gets to shut down by itself'),
    wait: waitField,
  }),
  output: z.array(serverView),
  async run(input, context) {
    const timeoutMs = (input.shutdownTimeout ?? context.settings.shutdownTimeout) * 1000
    const begin = async (tx: Transaction, server: Server, own: boolean) => {
      const state = await acceptShelve(tx, server, timeoutMs, context)
      return context.flows.begin(tx, shelveServer, { state, server, call: context, own })
    }
    return serverViews(await operate(input.servers, 'shelve', input.wait, context, begin), context)
  },
})

async function acceptShelve(tx: Transaction, server: Server, timeoutMs: number, context: Context): Promise<ShelveState> {
  guard('shelve', server)
  const { vmState: before } = server
  if (before !== 'active' && before !== 'stopped' && before !== 'paused' && before !== 'suspended')
    throw new Fault('conflict', `server ${server.name} is ${before}`)
  // Left on its host it keeps them; the setting may not change that later without a person.
  if (context.settings.shelvedOffloadTime >= 0) needNoDisks('shelve', server)
  const name = `${server.name.slice(0, 247)}-shelved`
  const image = await insertImage(tx, server, { name, type: 'snapshot' }, context)
  await changeServer(tx, server.id, { taskState: 'shelving' })
  const offload = context.settings.shelvedOffloadTime === 0
  return { imageId: image.id, digest: null, isKept: false, before, timeoutMs, offload }
}
