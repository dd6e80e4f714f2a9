import { asFault, type Fault } from '../../core/fault.ts'
import { holds } from '../../core/perform.ts'
import { object, reference, z } from '../../core/schema.ts'
import { fleetOf } from '../../flows/placement.ts'
import { guardLock } from '../../model/guards.ts'
import type { Server } from '../../model/server.ts'
import { statusOf } from '../../model/states.ts'
import { consume } from '../../scheduler/select-hosts.ts'
import type { Fleet } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import { type Context, defineAction, reading } from '../context.ts'
import { find } from '../find.ts'
import { needEvacuable } from '../server/accept-evacuation.ts'
import { destinationIn } from '../server/choose-destination.ts'
import { destinationField } from '../server/evacuate.ts'
import { placementRequest } from '../server/placement-request.ts'

const row = z.strictObject({
  server: z.string().describe('name of the server'),
  id: z.string(),
  status: z.string(),
  to: z.string().nullable().describe('host that would take it; null when it would stay'),
  reason: z.string().nullable().describe('why it could not be evacuated'),
})

/** Asks the records alone, so that it answers while the host runs and when it does not. */
export const evacuatePlan = defineAction({
  name: 'host.evacuate-plan',
  summary: 'say where each server of a host would go if the host died, and which ones could not',
  effect: 'read',
  policy: 'admin',
  input: object({
    host: reference().describe('name or id of the host'),
    to: destinationField,
  }),
  output: z.array(row),
  run: (input, context) =>
    reading(context, async (reader) => {
      const { name } = await find(reader, 'hosts', input.host, context)
      const servers = await reader.list('servers', { where: { host: name, deleted: false } })
      let fleet = await fleetOf(reader, context.settings)
      const rows: z.infer<typeof row>[] = []
      for (const server of [...servers].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const about = { server: server.name, id: server.id, status: statusOf(server) }
        const found = await evacuated(reader, server, { fleet, host: input.to }, context).catch(asFault)
        if ('fleet' in found) fleet = found.fleet
        rows.push({ ...about, ...('fleet' in found ? { to: found.to, reason: null } : stays(found)) })
      }
      return rows
    }),
})

const stays = ({ message }: Fault) => ({ to: null, reason: message })

/** Where the server would go, and the fleet with its claim there, for those after it. */
async function evacuated(
  reader: Reader,
  server: Server,
  { fleet, host }: { readonly fleet: Fleet; readonly host: string | undefined },
  context: Context,
): Promise<{ readonly to: string; readonly fleet: Fleet }> {
  guardLock('evacuate', server, holds(context, 'admin'))
  await needEvacuable(reader, server)
  const request = await placementRequest(reader, server, context, { host })
  const to = destinationIn(fleet, { server, type: 'cold', flavor: server.flavor, host }, request, context)
  return { to, fleet: consume(fleet, request, to) }
}
