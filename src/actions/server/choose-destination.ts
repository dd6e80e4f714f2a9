/** Where a server may move: the same filters as for a boot, without its present host. */
import { claimedDisk } from '../../compute/guest-spec.ts'
import { Fault } from '../../core/fault.ts'
import { fleetOf } from '../../flows/placement.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { Image } from '../../model/image.ts'
import type { Server } from '../../model/server.ts'
import { selectHost, summarise } from '../../scheduler/select-hosts.ts'
import type { Candidate, Fleet, PlacementRequest } from '../../scheduler/types.ts'
import type { Transaction } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { hintsOf } from './hints.ts'

interface Wish {
  readonly server: Server
  readonly type: 'resize' | 'cold'
  readonly flavor: FlavorCopy
  readonly image: Image | undefined
  readonly host: string | undefined
}

/** The chosen host; `no-valid-host` says why each other one is none. */
export async function chooseDestination(tx: Transaction, wish: Wish, context: Context): Promise<string> {
  const fleet = await fleetOf(tx, context.settings)
  const mayStay = wish.type === 'resize' && context.settings.allowResizeToSameHost
  if (!mayStay) refuseSame(wish, fleet)
  const source = fleet.candidates.find(({ name }) => name === wish.server.host)
  const candidates = fleet.candidates
    .filter((candidate) => (mayStay || candidate.name !== wish.server.host) && runsAlike(candidate, source))
    .map((candidate) => without(candidate, wish.server))
  const random = () => (context.random.bytes(1)[0] ?? 0) / 256
  const decision = selectHost(await requestOf(tx, wish, context), { ...fleet, candidates }, { explain: false, random })
  if (decision.chosen !== null) return decision.chosen
  const hint = decision.nearest ? `${decision.nearest.change} (${decision.nearest.host})` : undefined
  throw new Fault('no-valid-host', summarise(decision), { details: { decision }, ...(hint ? { hint } : {}) })
}

/** Said by name: a scheduler that never saw the host could only say that there is none. */
function refuseSame({ server, host, type }: Wish, { candidates }: Fleet): void {
  const others = candidates.filter(({ name }) => name !== server.host)
  if (host !== server.host && others.length > 0) return
  const why = others.length === 0 ? 'there is no other host' : 'it cannot move to the host that it is on'
  throw new Fault('no-valid-host', `server ${server.name} is on host ${server.host ?? '(none)'}: ${why}`, {
    hint: type === 'resize' ? 'the setting allowResizeToSameHost lets a resize stay on its host' : 'nova host list',
  })
}

/** Guests move between hosts of one driver: the other would not know what to do with its files. */
const runsAlike = ({ record }: Candidate, source: Candidate | undefined) =>
  source === undefined || record.driver === source.record.driver

/** Its claim stays, but a server is no neighbour of itself. */
const without = (candidate: Candidate, server: Server): Candidate => {
  const servers = candidate.servers.filter((placed) => placed.id !== server.id)
  return servers.length === candidate.servers.length ? candidate : { ...candidate, servers }
}

async function requestOf(tx: Transaction, wish: Wish, context: Context): Promise<PlacementRequest> {
  const { server, flavor, image, host } = wish
  const hints = await livingHints(tx, server)
  return {
    serverId: server.id,
    serverName: server.name,
    projectId: server.projectId,
    flavor,
    image: image
      ? { id: image.id, name: image.name, minRam: image.minRam, minDisk: image.minDisk, properties: image.properties }
      : null,
    diskGb: claimedDisk(flavor, image ?? null),
    availabilityZone: server.availabilityZone,
    forcedHost: host ?? null,
    hints: await hintsOf(tx, hints, context),
    group: server.groupId === null ? null : ((await tx.get('serverGroups', server.groupId)) ?? null),
    triedHosts: [],
  }
}

/** The hints of its boot without servers that are gone by now: they bind nobody any more. */
async function livingHints(tx: Transaction, server: Server): Promise<[string, string][]> {
  const kept: [string, string][] = []
  for (const [key, value] of server.hints) {
    if (key === 'group') continue
    if (!['same_host', 'different_host'].includes(key)) kept.push([key, value])
    for (const word of ['same_host', 'different_host'].includes(key) ? value.split(',') : []) {
      const reference = word.trim()
      const named = await tx.list('servers', { where: { name: reference, deleted: false }, limit: 1 })
      const byId = await tx.get('servers', reference)
      if (named.length > 0 || byId?.deleted === false) kept.push([key, reference])
    }
  }
  return kept
}
