import { Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { object, reference, z } from '../../core/schema.ts'
import type { EvacuationState } from '../../flows/evacuate-server.ts'
import { needSilence } from '../../flows/silent-host.ts'
import { guardLock } from '../../model/guards.ts'
import { type Context, defineAction, reading, writing } from '../context.ts'
import { find } from '../find.ts'
import { acceptEvacuation, closeDeadHost } from '../server/accept-evacuation.ts'
import { destinationField, evidenceField } from '../server/evacuate.ts'
import { moveEach, moveRow } from '../server/move-each.ts'

/** Guests that are made at the same time. */
const atOnce = 2

interface Order {
  readonly sourceHost: string
  readonly host: string | undefined
  readonly evidence: string
}

export const evacuate = defineAction({
  name: 'host.evacuate',
  summary: 'make every server of a dead host anew elsewhere, from its image; disks on the dead host are not recovered',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    host: reference().describe('name or id of the host that is off'),
    to: destinationField,
    iCheckedItIsOff: evidenceField,
  }),
  output: z.array(moveRow),
  async run(input, context) {
    const { name } = await reading(context, (reader) => find(reader, 'hosts', input.host, context))
    await needSilence(context.compute, name, context.signal)
    const order: Order = { sourceHost: name, host: input.to, evidence: input.iCheckedItIsOff }
    const servers = await writing(context, 'host.evacuate', async (tx) => {
      await closeDeadHost(tx, name, order.evidence)
      return tx.list('servers', { where: { host: name, deleted: false } })
    })
    const inOrder = [...servers].sort((a, b) => (a.name < b.name ? -1 : 1))
    const work = { label: `evacuate ${name}`, from: () => name, parallel: atOnce }
    return moveEach(inOrder, { ...work, begin: ({ id }) => evacuateOne(id, order, context) }, context)
  },
})

async function evacuateOne(id: string, order: Order, context: Context) {
  const flow = await writing(context, 'host.evacuate', async (tx) => {
    const server = await tx.get('servers', id)
    if (!server || server.deleted) throw new Fault('not-found', `server ${id} is gone`)
    guardLock('evacuate', server, holds(context, 'admin'))
    return acceptEvacuation(tx, server, { ...order, own: true }, context)
  })
  const finish = async () => {
    await context.flows.run(flow.id)
  }
  return { to: (flow.state as EvacuationState).destHost, finish }
}
