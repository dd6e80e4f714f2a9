/**
 * Plans few moves after which the memory of every host is claimed alike. Pure: asks the filters, changes nothing.
 * Terminology.
 * - ratio: MiB claimed on a host over MiB that may be claimed there, (total − reserved) × RAM allocation ratio.
 * - mean: the same over all hosts together; no move changes it.
 * - spread: the largest distance of any host's ratio from the mean.
 */

import type { MovableServer } from './relocate.ts'
import { fits, relocate, withoutServer } from './relocate.ts'
import { selectHost } from './select-hosts.ts'
import type { Candidate, Fleet } from './types.ts'

export interface RebalanceMove {
  readonly serverId: string
  readonly serverName: string
  readonly from: string
  readonly to: string
}

export interface RebalancePlan {
  /** In the order in which they fit one after another. */
  readonly moves: readonly RebalanceMove[]
  readonly mean: number
  /** Before the first and after the last move. */
  readonly before: number
  readonly after: number
}

/** Spreads are sums of fractions: differences below this are noise. */
const epsilon = 1e-9
/** How many of the best moves of one host are put before the filters; a fleet where all of them refuse will refuse the rest. */
const mostAsked = 64
/** Longer plans are not tried again without each of their moves. */
const mostPruned = 100

/** The plan that a greedy search finds: the worst host first, the move that helps most. Hosts that are disabled take no part. */
export function planRebalance(fleet: Fleet, movable: readonly MovableServer[], tolerance: number): RebalancePlan {
  const mean = meanOf(fleet)
  const before = spreadOf(fleet, mean)
  const waiting = new Map(movable.map((server) => [server.request.serverId, server]))
  const chosen: { server: MovableServer; to: string }[] = []
  let current = fleet
  for (;;) {
    const next = nextMove(current, [...waiting.values()], mean, tolerance)
    if (!next) break
    current = relocate(current, next.server, next.to)
    waiting.delete(next.server.request.serverId)
    chosen.push(next)
  }
  const kept = chosen.length > mostPruned ? chosen : pruned(fleet, chosen, mean, Math.max(tolerance, spreadOf(current, mean)))
  const moves = kept.map(({ server: { request, from }, to }) => ({
    serverId: request.serverId,
    serverName: request.serverName,
    from,
    to,
  }))
  return { moves, mean, before, after: spreadOf(replay(fleet, kept, mean) ?? current, mean) }
}

interface Move {
  readonly server: MovableServer
  readonly to: string
}

interface Scored extends Move {
  /** How many of the two hosts are still beyond the tolerance. */
  readonly beyond: number
  /** By how much the sum of squared distances shrinks, weighted by size. */
  readonly gain: number
}

const roomOf = ({ inventory, reserved, ratios }: Candidate) => (inventory.memoryMb - reserved.memoryMb) * ratios.ram
const partOf = ({ candidates }: Fleet) => candidates.filter((host) => host.record.enabled && roomOf(host) > 0)

function meanOf(fleet: Fleet): number {
  const hosts = partOf(fleet)
  const room = hosts.reduce((sum, host) => sum + roomOf(host), 0)
  return room === 0 ? 0 : hosts.reduce((sum, host) => sum + host.claimed.ram, 0) / room
}

/** The distance of a host from the mean with `change` MiB more. */
const distance = (host: Candidate, mean: number, change = 0) => (host.claimed.ram + change) / roomOf(host) - mean

/** The largest distance of any host from the mean, 0..; 0 without hosts. */
const spreadOf = (fleet: Fleet, mean: number) => Math.max(0, ...partOf(fleet).map((host) => Math.abs(distance(host, mean))))

/** The best move of the worst host that has one. */
function nextMove(fleet: Fleet, movable: readonly MovableServer[], mean: number, tolerance: number): Move | undefined {
  const spread = spreadOf(fleet, mean)
  const hosts = partOf(fleet)
  const worst = hosts
    .filter((host) => Math.abs(distance(host, mean)) > tolerance + epsilon)
    .sort((a, b) => Math.abs(distance(b, mean)) - Math.abs(distance(a, mean)) || (a.name < b.name ? -1 : 1))
  for (const host of worst) {
    const moves = distance(host, mean) > 0 ? awayFrom(host, hosts, movable) : towards(host, hosts, movable)
    const found = moves
      .flatMap(({ server, source, target }) => score(server, source, target, { mean, tolerance, spread }))
      .sort((a, b) => a.beyond - b.beyond || b.gain - a.gain)
      .slice(0, mostAsked)
      .find(({ server, to }) => isAllowed(fleet, server, to))
    if (found) return found
  }
  return undefined
}

interface Possible {
  readonly server: MovableServer
  readonly source: Candidate
  readonly target: Candidate
}

const awayFrom = (source: Candidate, hosts: readonly Candidate[], movable: readonly MovableServer[]): Possible[] =>
  movable
    .filter(({ from }) => from === source.name)
    .flatMap((server) => hosts.filter(({ name }) => name !== source.name).map((target) => ({ server, source, target })))

function towards(target: Candidate, hosts: readonly Candidate[], movable: readonly MovableServer[]): Possible[] {
  const byName = new Map(hosts.map((host) => [host.name, host]))
  return movable.flatMap((server) => {
    const source = byName.get(server.from)
    return source && source !== target ? [{ server, source, target }] : []
  })
}

interface Aim {
  readonly mean: number
  readonly tolerance: number
  readonly spread: number
}

/** Nothing for a move that does not fit, does not help, or leaves a host farther out than the worst is now. */
function score(server: MovableServer, source: Candidate, target: Candidate, { mean, tolerance, spread }: Aim): Scored[] {
  const { flavor } = server.request
  if (!fits(server.request, target) || source.record.driver !== target.record.driver) return []
  const after = [distance(source, mean, -flavor.ram), distance(target, mean, flavor.ram)].map(Math.abs)
  if (after.some((far) => far > spread + epsilon)) return []
  const weight = (host: Candidate, change: number) => roomOf(host) * distance(host, mean, change) ** 2
  const gain = weight(source, 0) + weight(target, 0) - weight(source, -flavor.ram) - weight(target, flavor.ram)
  if (gain <= epsilon) return []
  return [{ server, to: target.name, beyond: after.filter((far) => far > tolerance + epsilon).length, gain }]
}

/** What the filters of a boot say, with the server taken off its host. */
function isAllowed(fleet: Fleet, { request, from }: MovableServer, to: string): boolean {
  const others = fleet.candidates.map((host) => (host.name === from ? withoutServer(host, request.serverId) : host))
  // Only a group looks at other hosts than the one that is asked for.
  const candidates = request.group ? others : others.filter(({ name }) => name === to)
  const asked = { ...request, forcedHost: to }
  return selectHost(asked, { ...fleet, candidates }, { explain: false, random: () => 0 }).chosen === to
}

/** The fleet after those moves, or undefined when one of them does not pass or makes the spread larger. */
function replay(fleet: Fleet, moves: readonly Move[], mean: number): Fleet | undefined {
  let current = fleet
  for (const { server, to } of moves) {
    const target = current.candidates.find(({ name }) => name === to)
    if (!target || !fits(server.request, target) || !isAllowed(current, server, to)) return undefined
    const next = relocate(current, server, to)
    if (spreadOf(next, mean) > spreadOf(current, mean) + epsilon) return undefined
    current = next
  }
  return current
}

/** Without the moves that the goal does not need. */
function pruned(fleet: Fleet, moves: readonly Move[], mean: number, goal: number): readonly Move[] {
  let kept = moves
  for (const move of [...moves].reverse()) {
    const fewer = kept.filter((one) => one !== move)
    const fleetAfter = replay(fleet, fewer, mean)
    if (fleetAfter && spreadOf(fleetAfter, mean) <= goal + epsilon) kept = fewer
  }
  return kept
}
