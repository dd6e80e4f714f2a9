/** Where a server may move: the same filters as for a boot, without its present host. */
import { Fault } from '../../core/fault.ts'
import { keptFleetOf } from '../../flows/kept-fleet.ts'
import type { FlavorCopy } from '../../model/flavor.ts'
import type { Server } from '../../model/server.ts'
import { selectHost, summarise } from '../../scheduler/select-hosts.ts'
import type { Candidate, Fleet, PlacementRequest } from '../../scheduler/types.ts'
import type { Reader } from '../../state/store.ts'
import type { Context } from '../context.ts'
import { placementRequest } from './placement-request.ts'

export interface Wish {
  readonly server: Server
  readonly type: 'resize' | 'cold' | 'live'
  readonly flavor: FlavorCopy
  readonly host: string | undefined
  /** Hosts that are not asked again. */
  readonly tried?: readonly string[]
  /** Whether a host is asked at all; those of the server's driver when left out. */
  readonly suits?: (candidate: Candidate, source: Candidate | undefined) => boolean
}

/** The chosen host; `no-valid-host` says why each other one is none. */
export async function chooseDestination(reader: Reader, wish: Wish, context: Context): Promise<string> {
  const fleet = await keptFleetOf(reader, context.settings)
  return destinationIn(fleet, wish, await placementRequest(reader, wish.server, context, wish), context)
}

/** The same in a fleet that the caller looked at, and may have put more into. */
export function destinationIn(fleet: Fleet, wish: Wish, request: PlacementRequest, context: Context): string {
  const { server, type, suits = runsAlike } = wish
  const mayStay = type === 'resize' && context.settings.allowResizeToSameHost
  if (!mayStay) refuseSame(wish, fleet)
  const source = fleet.candidates.find(({ name }) => name === server.host)
  const candidates = fleet.candidates
    .filter((candidate) => (mayStay || candidate.name !== server.host) && suits(candidate, source))
    .map((candidate) => without(candidate, server))
  const random = () => (context.random.bytes(1)[0] ?? 0) / 256
  const decision = selectHost(request, { ...fleet, candidates }, { explain: false, random })
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
  if (!candidate.servers.some(({ id }) => id === server.id)) return candidate
  return { ...candidate, servers: candidate.servers.filter(({ id }) => id !== server.id) }
}
