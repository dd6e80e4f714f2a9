/** The fleet as it is after a server was placed: the next request of the same call sees its claim. */
import { Fault } from '../core/fault.ts'
import { busyServers } from './host-attribute.ts'
import type { Candidate, Fleet, PlacedServer, PlacementRequest } from './types.ts'

interface Overlay {
  readonly base: Fleet
  readonly placed: ReadonlyMap<string, string>
}

// One layer over the first fleet, however many servers were placed: look-ups stay flat.
const overlays = new WeakMap<Fleet, Overlay>()

/** A fleet with the request claimed on `host`, sharing everything else; a `not-found` fault for an unknown host. */
export function consume(fleet: Fleet, request: PlacementRequest, host: string): Fleet {
  const index = fleet.candidates.findIndex(({ name }) => name === host)
  const candidate = fleet.candidates[index]
  if (!candidate) throw new Fault('not-found', `host ${host} is not one of the ${fleet.candidates.length} of the fleet`)
  const { base, placed: earlier } = overlays.get(fleet) ?? { base: fleet, placed: new Map<string, string>() }
  const placed = new Map(earlier).set(request.serverId, host)
  const after: Fleet = {
    candidates: fleet.candidates.with(index, withClaim(candidate, request)),
    hostOf: (serverId) => placed.get(serverId) ?? base.hostOf(serverId),
    settings: fleet.settings,
  }
  overlays.set(after, { base, placed })
  return after
}

const withClaim = (candidate: Candidate, request: PlacementRequest): Candidate => ({
  ...candidate,
  busyServers: busyServers(candidate) + 1,
  claimed: {
    ram: candidate.claimed.ram + request.flavor.ram,
    vcpus: candidate.claimed.vcpus + request.flavor.vcpus,
    disk: candidate.claimed.disk + request.diskGb,
  },
  servers: [...candidate.servers, placedServer(candidate.name, request)],
})

/** The server as it counts from now on: being built there. */
const placedServer = (host: string, request: PlacementRequest): PlacedServer => ({
  id: request.serverId,
  projectId: request.projectId,
  host,
  flavorId: request.flavor.id,
  imageId: request.image?.id ?? null,
  groupId: request.group?.id ?? null,
  busy: true,
  ram: request.flavor.ram,
  vcpus: request.flavor.vcpus,
  disk: request.diskGb,
  extraSpecs: request.flavor.extraSpecs,
})
