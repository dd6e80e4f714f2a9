/** Claims counted anew from the records: no host promises more than its ratios allow, and nothing is given out twice. */
import type { HostRecord } from '../../src/model/host.ts'
import type { Migration } from '../../src/model/migration.ts'
import type { Server } from '../../src/model/server.ts'
import type { Settings } from '../../src/settings.ts'

/** Broken invariants of claims, ports and addresses. */
export function resourceFindings(
  servers: readonly Server[],
  hosts: readonly HostRecord[],
  settings: Settings,
  moves: readonly Migration[] = [],
): string[] {
  const claims = servers.filter((server) => !server.deleted).flatMap((server) => claimed(server, moves))
  const live = servers.filter((server) => !server.deleted)
  const nics = live.flatMap((server) => server.nics.map((nic) => ({ ...nic, host: server.host })))
  const ports = nics.flatMap((nic) => (nic.sshPort === null ? [] : [`${nic.host}:${nic.sshPort}`]))
  return [
    ...hosts.flatMap((host) => overCommitted(host, claims, settings)),
    ...live.flatMap(unplaced),
    ...twice('ssh port', ports),
    ...twice(
      'mac',
      nics.map((nic) => nic.mac),
    ),
    ...servers
      .filter((server) => server.deleted && server.vmState !== 'deleted')
      .map(({ name }) => `RES ${name} is half deleted`),
  ]
}

interface Claimed {
  readonly host: string | null
  readonly flavor: Server['flavor']
}

/** Both sides of a move that is open, each with its own flavor. */
function claimed(server: Server, moves: readonly Migration[]): Claimed[] {
  const move = moves.find(({ serverId }) => serverId === server.id)
  if (!move) return [server]
  return [
    { host: move.sourceHost, flavor: move.oldFlavor },
    { host: move.destHost, flavor: move.newFlavor },
  ]
}

function overCommitted(host: HostRecord, claims: readonly Claimed[], settings: Settings): string[] {
  const { inventory } = host
  if (!inventory) return []
  const there = claims.filter((claim) => claim.host === host.name).map((claim) => claim.flavor)
  const sum = (field: 'ram' | 'vcpus' | 'disk' | 'ephemeral') => there.reduce((total, flavor) => total + flavor[field], 0)
  const reserved = host.reservedMemoryMb ?? settings.reservedHostMemoryMb
  const limits = [
    ['ram', sum('ram'), (inventory.memoryMb - reserved) * (host.ramAllocationRatio ?? settings.ramAllocationRatio)],
    ['vcpus', sum('vcpus'), inventory.vcpus * (host.cpuAllocationRatio ?? settings.cpuAllocationRatio)],
    ['disk', sum('disk') + sum('ephemeral'), inventory.diskGb * (host.diskAllocationRatio ?? settings.diskAllocationRatio)],
  ] as const
  return limits
    .filter(([, claimed, limit]) => claimed > limit)
    .map(([what, claimed, limit]) => `RES host ${host.name} promised ${claimed} of ${limit} ${what}`)
}

/** A server without a host has none because it could not be built, or because it is shelved and its image is kept. */
const unplaced = (server: Server): string[] =>
  server.host === null && !['error', 'shelved_offloaded'].includes(server.stateBeforeDelete ?? server.vmState)
    ? [`RES server ${server.name} is ${server.vmState} without a host`]
    : []

const twice = (what: string, values: readonly string[]): string[] =>
  [...new Set(values.filter((value, index) => values.indexOf(value) !== index))].map(
    (value) => `RES ${what} ${value} is used twice`,
  )
