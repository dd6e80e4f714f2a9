import { Fault } from '../../core/fault.ts'
import { object, reference, text } from '../../core/schema.ts'
import { needSilence } from '../../flows/silent-host.ts'
import { serverView } from '../../model/server-view.ts'
import { defineAction } from '../context.ts'
import { acceptEvacuation } from './accept-evacuation.ts'
import { waitField } from './operate.ts'
import { onlyView, operate, readServer } from './server-flows.ts'

/** The operator's proof; a host that only seems to be off may still run its guests. */
export const evidenceField = text(500).regex(/\S/).describe('who checked that the host is off, and how; kept among the events')
export const destinationField = reference().optional().describe('host to go to; the scheduler chooses when not given')

export const evacuate = defineAction({
  name: 'server.evacuate',
  summary: 'make a server of a dead host anew on another, from its image; disks on the dead host are not recovered',
  effect: 'destroy',
  policy: 'admin',
  input: object({
    server: reference().describe('name or id of the server'),
    host: destinationField,
    iCheckedItIsOff: evidenceField,
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    const { id, host: sourceHost, name } = await readServer(input.server, context)
    if (sourceHost === null)
      throw new Fault('conflict', `server ${name} has no host: its boot failed`, { hint: 'delete it and boot again' })
    await needSilence(context.compute, sourceHost, context.signal)
    const ids = await operate([id], 'evacuate', input.wait, context, (tx, server, own) =>
      acceptEvacuation(tx, server, { sourceHost, host: input.host, evidence: input.iCheckedItIsOff, own }, context),
    )
    return onlyView(ids, context)
  },
})
