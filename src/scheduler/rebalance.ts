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
/** How many hosts at the other end are looked at first: with a large fleet one of them nearly always takes the server. */
const nearby = 32
/** Longer plans are not tried again without each of their moves. */
const mostPruned = 100

/** The plan that a greedy search finds: the worst host first, the move that helps most. Hosts that are disabled take no part. */
export function planRebalance(fleet: Fleet, movable: readonly MovableServer[], tolerance: number): RebalancePlan {
  const mean = meanOf(fleet)
  const { moves: found, fleet: reached } = search(fleet, movable, { mean, tolerance })
  const goal = Math.max(tolerance, spreadOf(reached, mean))
  const kept = found.length > mostPruned ? found : pruned(fleet, found, mean, goal)
  const end = kept.length === found.length ? reached : (replay(fleet, kept, mean) ?? reached)
  const moves = kept.map(({ server: { request, from }, to }) => ({
    serverId: request.serverId,
    serverName: request.serverName,
    from,
    to,
  }))
  return { moves, mean, before: spreadOf(fleet, mean), after: spreadOf(end, mean) }
}

/** Move after move, until all hosts are near enough or none of the others can come nearer. */
function search(start: Fleet, movable: readonly MovableServer[], goal: Goal): { moves: Move[]; fleet: Fleet } {
  const waiting = new Map<string, MovableServer[]>()
  for (const server of movable) waiting.set(server.from, [...(waiting.get(server.from) ?? []), server])
  const moves: Move[] = []
  let fleet = start
  // A host without a move is asked again once the others have none: until then it would be asked in vain each time.
  let stuck = new Set<string>()
  let movesWhenAsked = -1
  for (;;) {
    const move = nextMove(fleet, waiting, goal, stuck)
    if (!move && (stuck.size === 0 || movesWhenAsked === moves.length)) return { moves, fleet }
    if (!move) {
      stuck = new Set()
      movesWhenAsked = moves.length
      continue
    }
    const { server, to } = move
    fleet = relocate(fleet, server, to)
    waiting.set(server.from, waiting.get(server.from)?.filter((one) => one !== server) ?? [])
    moves.push(move)
  }
}

interface Goal {
  readonly mean: number
  readonly tolerance: number
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
const spreadOf = (fleet: Fleet, mean: number) =>
  partOf(fleet).reduce((most, host) => Math.max(most, Math.abs(distance(host, mean))), 0)

/** The best move of the worst host that has one; hosts that have none become `stuck`. */
function nextMove(fleet: Fleet, waiting: Waiting, goal: Goal, stuck: Set<string>): Move | undefined {
  const { mean, tolerance } = goal
  const hosts = partOf(fleet).sort((a, b) => distance(a, mean) - distance(b, mean) || (a.name < b.name ? -1 : 1))
  const aim = { ...goal, spread: spreadOf(fleet, mean) }
  const worst = hosts
    .filter((host) => Math.abs(distance(host, mean)) > tolerance + epsilon && !stuck.has(host.name))
    .sort((a, b) => Math.abs(distance(b, mean)) - Math.abs(distance(a, mean)))
  for (const host of worst) {
    for (const reach of [nearby, hosts.length]) {
      const found = bestOf(possible(host, hosts, waiting, reach, mean), aim, fleet)
      if (found) return found
    }
    stuck.add(host.name)
  }
  return undefined
}

type Waiting = ReadonlyMap<string, readonly MovableServer[]>

interface Possible {
  readonly server: MovableServer
  readonly source: Candidate
  readonly target: Candidate
}

/** Moves between a host and the `reach` hosts at the other end; `hosts` begin with the emptiest. */
function possible(host: Candidate, hosts: readonly Candidate[], waiting: Waiting, reach: number, mean: number): Possible[] {
  const pair = (source: Candidate, target: Candidate) =>
    source === target ? [] : (waiting.get(source.name) ?? []).map((server) => ({ server, source, target }))
  if (distance(host, mean) > 0) return hosts.slice(0, reach).flatMap((target) => pair(host, target))
  return hosts.slice(-reach).flatMap((source) => pair(source, host))
}

const bestOf = (moves: readonly Possible[], aim: Aim, fleet: Fleet): Move | undefined =>
  moves
    .flatMap(({ server, source, target }) => score(server, source, target, aim))
    .sort((a, b) => a.beyond - b.beyond || b.gain - a.gain)
    .slice(0, mostAsked)
    .find(({ server, to }) => isAllowed(fleet, server, to))

interface Aim extends Goal {
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
