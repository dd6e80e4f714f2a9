/** The fleet as it is after a server moved: its claim and itself are on the other host, and nothing is being built. */
import { freeDisk, freeRam, freeVcpus } from './capacity.ts'
import { busyServers } from './host-attribute.ts'
import type { Candidate, Fleet, PlacementRequest } from './types.ts'

/** A server that may be moved, and where it is. */
export interface MovableServer {
  readonly request: PlacementRequest
  readonly from: string
}

/** Whether the claim fits beside what is claimed already, whatever filters the settings name. */
export const fits = ({ flavor, diskGb }: PlacementRequest, host: Candidate): boolean =>
  freeRam(host) >= flavor.ram && freeVcpus(host) >= flavor.vcpus && freeDisk(host) >= diskGb

/** The host without the server; what the server claims there stays claimed. */
export const withoutServer = (host: Candidate, serverId: string): Candidate => ({
  ...host,
  servers: host.servers.filter(({ id }) => id !== serverId),
  busyServers: busyServers(host),
})

interface Overlay {
  readonly base: Fleet
  readonly places: ReadonlyMap<string, string>
}

// One layer over the first fleet, however many servers moved: look-ups stay flat.
const overlays = new WeakMap<Fleet, Overlay>()

/** The fleet with the server and its claim on `to`. */
export function relocate(fleet: Fleet, { request, from }: MovableServer, to: string): Fleet {
  const placed = fleet.candidates.find(({ name }) => name === from)?.servers.find(({ id }) => id === request.serverId)
  const candidates = fleet.candidates.map((host) => {
    if (host.name === from) return claimed(withoutServer(host, request.serverId), request, -1)
    if (host.name !== to) return host
    const servers = placed ? [...host.servers, { ...placed, host: to }] : host.servers
    return claimed({ ...host, servers }, request, 1)
  })
  const { base, places: earlier } = overlays.get(fleet) ?? { base: fleet, places: new Map<string, string>() }
  const places = new Map(earlier).set(request.serverId, to)
  const after: Fleet = { ...fleet, candidates, hostOf: (id) => places.get(id) ?? base.hostOf(id) }
  overlays.set(after, { base, places })
  return after
}

const claimed = (host: Candidate, { flavor, diskGb }: PlacementRequest, sign: 1 | -1): Candidate => ({
  ...host,
  claimed: {
    ram: host.claimed.ram + sign * flavor.ram,
    vcpus: host.claimed.vcpus + sign * flavor.vcpus,
    disk: host.claimed.disk + sign * diskGb,
  },
})
