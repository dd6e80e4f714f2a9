import { claimedDisk } from '../../compute/guest-spec.ts'
import { Fault } from '../../core/fault.ts'
import { object, reference } from '../../core/schema.ts'
import { fleetOf } from '../../flows/placement.ts'
import { rebuildServer } from '../../flows/rebuild-server.ts'
import { changeServer } from '../../flows/server-steps.ts'
import { guard } from '../../model/guards.ts'
import type { Image } from '../../model/image.ts'
import type { Server } from '../../model/server.ts'
import { serverView } from '../../model/server-view.ts'
import { selectHost, summarise } from '../../scheduler/select-hosts.ts'
import type { Transaction } from '../../state/store.ts'
import { type Context, defineAction } from '../context.ts'
import { find } from '../find.ts'
import { checkImage } from './accept-boot.ts'
import { waitField } from './operate.ts'
import { operate, serverViews } from './server-flows.ts'

export const rebuild = defineAction({
  name: 'server.rebuild',
  summary: 'give a server a fresh root disk; its id, name and addresses stay',
  effect: 'destroy',
  policy: 'member',
  input: object({
    server: reference().describe('name or id of the server'),
    image: reference().optional().describe("image of the new disk; the server's own when not given"),
    wait: waitField,
  }),
  output: serverView,
  async run(input, context) {
    const ids = await operate([input.server], 'rebuild', input.wait, context, async (tx, server, own) => {
      guard('rebuild', server)
      const image = await imageFor(tx, server, input.image, context)
      await checkHost(tx, server, image, context)
      await changeServer(tx, server.id, { taskState: 'rebuilding', imageId: image.id, rootImageId: null })
      const state = { wasStopped: server.vmState === 'stopped', timeoutMs: 0 }
      return context.flows.begin(tx, rebuildServer, {
        state,
        server,
        call: context,
        own,
      })
    })
    const [view] = await serverViews(ids, context)
    if (!view) throw new Fault('not-found', `server ${input.server} is gone`)
    return view
  },
})

async function imageFor(tx: Transaction, server: Server, reference: string | undefined, context: Context): Promise<Image> {
  const image =
    reference === undefined ? await tx.get('images', server.imageId ?? '') : await find(tx, 'images', reference, context)
  if (!image || image.deleted)
    throw new Fault('not-found', `server ${server.name} has no image to rebuild from`, { hint: 'give one with --image' })
  checkImage(image, server.flavor)
  return image
}

/** A rebuild with another image passes the same filters as a boot, on the host where the server is. */
async function checkHost(tx: Transaction, server: Server, image: Image, context: Context): Promise<void> {
  if (server.host === null)
    throw new Fault('conflict', `server ${server.name} has no host: its boot failed`, { hint: 'delete it and boot again' })
  if (image.id === server.imageId && server.rootImageId === null) return
  const fleet = await fleetOf(tx, context.settings)
  const others = fleet.candidates.map((candidate) => ({
    ...candidate,
    claimed: candidate.name === server.host ? without(candidate.claimed, server) : candidate.claimed,
    servers: candidate.servers.filter((placed) => placed.id !== server.id),
  }))
  const request = {
    serverId: server.id,
    serverName: server.name,
    projectId: server.projectId,
    flavor: server.flavor,
    image: { id: image.id, name: image.name, minRam: image.minRam, minDisk: image.minDisk, properties: image.properties },
    diskGb: claimedDisk(server.flavor, image, server.disks),
    availabilityZone: null,
    forcedHost: server.host,
    hints: { sameHost: [], differentHost: [], buildNearHostIp: null, cidr: null, query: null },
    group: null,
    triedHosts: [],
  }
  const decision = selectHost(request, { ...fleet, candidates: others }, { explain: true, random: () => 0 })
  if (decision.chosen === null) throw new Fault('no-valid-host', summarise(decision), { details: { decision } })
}

const without = (claimed: { ram: number; vcpus: number; disk: number }, server: Server) => ({
  ram: claimed.ram - server.flavor.ram,
  vcpus: claimed.vcpus - server.flavor.vcpus,
  disk: claimed.disk - claimedDisk(server.flavor, null, server.disks),
})
