import { Fault } from '../../core/fault.ts'
import { object, z } from '../../core/schema.ts'
import { fleetOf } from '../../flows/placement.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { unshelveHere, unshelveServer } from '../../flows/unshelve-server.ts'
import { guard } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import { selectHost, summarise } from '../../scheduler/select-hosts.ts'
import type { PlacementRequest } from '../../scheduler/types.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { serversField, waitField } from './operate.ts'
import { placementRequest } from './placement-request.ts'
import { operate, serverViews } from './server-flows.ts'

export const unshelve = defineAction({
  name: 'server.unshelve',
  summary: 'start shelved servers again, on a new host when they have left theirs',
  effect: 'write',
  policy: 'member',
  input: object({ servers: serversField, wait: waitField }),
  output: z.array(serverView),
  async run(input, context) {
    const begin = (tx: Transaction, server: Server, own: boolean) => beginUnshelve(tx, server, own, context)
    return serverViews(await operate(input.servers, 'unshelve', input.wait, context, begin), context)
  },
})

async function beginUnshelve(tx: Transaction, server: Server, own: boolean, context: Context) {
  guard('unshelve', server)
  const image = server.shelved === null ? undefined : await tx.get('images', server.shelved.imageId)
  const start = { server, call: context, own }
  if (server.host !== null) {
    await changeServer(tx, server.id, { taskState: 'unshelving' })
    return context.flows.begin(tx, unshelveHere, { ...start, state: { digest: image?.checksum ?? null, isUp: false } })
  }
  if (!image?.checksum || image.deleted)
    throw new Fault('conflict', `the image of shelved server ${server.name} is gone`, { hint: 'delete it and boot again' })
  const request = await placementRequest(tx, server, context)
  const host = await chooseHost(tx, request, context)
  await changeServer(tx, server.id, { host, taskState: 'unshelving' })
  const state = { request, attempt: 1, digest: image.checksum, isUp: false }
  return context.flows.begin(tx, unshelveServer, { ...start, state })
}

/** The same filters as for a boot; the claim is made in the same transaction. */
async function chooseHost(tx: Transaction, request: PlacementRequest, context: Context): Promise<string> {
  const random = () => (context.random.bytes(1)[0] ?? 0) / 256
  const decision = selectHost(request, await fleetOf(tx, context.settings), { explain: false, random })
  if (decision.chosen !== null) return decision.chosen
  const hint = decision.nearest ? `${decision.nearest.change} (${decision.nearest.host})` : undefined
  throw new Fault('no-valid-host', summarise(decision), { details: { decision }, ...(hint ? { hint } : {}) })
}
