import { describe, expect, it } from 'vitest'
import { freeDisk, freeRam, freeVcpus } from '../../../src/scheduler/capacity.ts'
import { planRebalance } from '../../../src/scheduler/rebalance.ts'
import { type MovableServer, relocate } from '../../../src/scheduler/relocate.ts'
import { selectHost, selectHosts } from '../../../src/scheduler/select-hosts.ts'
import type { Candidate, Fleet } from '../../../src/scheduler/types.ts'
import { aCandidate, aFleet, aPlacedServer, aRequest } from '../../support/a-candidate.ts'
import { arbitraryHosts, arbitraryRequests, seededRandom } from '../../support/arbitrary-fleet.ts'
import { fc } from '../../support/property.ts'

const gib = 1024
const ratioOf = ({ claimed, inventory, reserved, ratios }: Candidate) =>
  claimed.ram / ((inventory.memoryMb - reserved.memoryMb) * ratios.ram)

/** Hosts of 16 GiB with servers of these sizes in GiB, all movable. */
function aLoadedFleet(...sizes: number[][]): { fleet: Fleet; movable: MovableServer[] } {
  const movable: MovableServer[] = []
  const hosts = sizes.map((row, index) => {
    const name = `h${index}`
    const servers = row.map((size, place) => {
      const ram = size * gib
      const id = `${name}-${place}`
      movable.push({ request: aRequest({ serverId: id, serverName: id, flavor: { ram } }), from: name })
      return aPlacedServer({ id, host: name, ram })
    })
    const claimed = { ram: row.reduce((sum, size) => sum + size * gib, 0), vcpus: row.length, disk: row.length * 10 }
    return aCandidate({ name, servers, claimed, ratios: { ram: 1 } })
  })
  return { fleet: aFleet(hosts), movable }
}

const moved = ({ fleet, movable }: ReturnType<typeof aLoadedFleet>, tolerance = 0.1) =>
  planRebalance(fleet, movable, tolerance).moves.map(({ serverId, to }) => `${serverId} to ${to}`)

describe('a rebalance', () => {
  it('moves nothing in a fleet that is even, empty, or of one host', () => {
    expect(moved(aLoadedFleet([4], [4]))).toEqual([])
    expect(moved(aLoadedFleet([], []))).toEqual([])
    expect(moved(aLoadedFleet([8, 4]))).toEqual([])
    expect(moved(aLoadedFleet())).toEqual([])
  })

  it('takes the one server that is enough over the many small ones', () => {
    expect(moved(aLoadedFleet([1, 1, 1, 1, 4], []))).toEqual(['h0-4 to h1'])
  })

  it('fills an empty host from several', () => {
    const { moves, after } = planRebalance(...entries(aLoadedFleet([4, 4, 4], [4, 4, 4], [])), 0.1)
    expect(moves.map(({ to }) => to)).toEqual(['h2', 'h2'])
    expect(moves.map(({ from }) => from).sort()).toEqual(['h0', 'h1'])
    expect(after).toBeLessThanOrEqual(0.1)
  })

  it('keeps to a smaller tolerance with more moves', () => {
    const fleet = aLoadedFleet([1, 1, 1, 1, 1, 1], [])
    expect(moved(fleet, 0.1)).toHaveLength(2)
    expect(moved(fleet, 0.01)).toHaveLength(3)
  })

  it('leaves servers that may not move and hosts that are disabled', () => {
    const { fleet, movable } = aLoadedFleet([4, 4], [], [])
    expect(planRebalance(fleet, movable.slice(0, 0), 0.1)).toMatchObject({ moves: [], before: expect.closeTo(1 / 3) })
    const candidates = fleet.candidates.map((host) =>
      host.name === 'h1' ? { ...host, record: { ...host.record, enabled: false } } : host,
    )
    expect(planRebalance({ ...fleet, candidates }, movable, 0.1).moves).toMatchObject([{ to: 'h2' }])
  })

  it('never moves between drivers', () => {
    const { fleet, movable } = aLoadedFleet([4, 4], [])
    const candidates = fleet.candidates.map((host) =>
      host.name === 'h1' ? { ...host, record: { ...host.record, driver: 'libvirt' as const } } : host,
    )
    expect(planRebalance({ ...fleet, candidates }, movable, 0.1).moves).toEqual([])
  })
})

const entries = ({ fleet, movable }: ReturnType<typeof aLoadedFleet>) => [fleet, movable] as const

/** A random fleet that boots filled, so that every server is where the filters allow it. */
const arbitraryLoad = fc.tuple(arbitraryHosts, arbitraryRequests, fc.nat()).map(([hosts, requests, seed]) => {
  const { fleet, decisions } = selectHosts(requests, aFleet(hosts), { explain: false, random: seededRandom(seed) })
  const candidates = fleet.candidates.map(({ busyServers: _, ...host }) => ({
    ...host,
    servers: host.servers.map((server) => ({ ...server, busy: false })),
  }))
  const movable = requests.flatMap((request, index): MovableServer[] => {
    const from = decisions[index]?.chosen
    return from ? [{ request, from }] : []
  })
  return { fleet: { ...fleet, candidates } as Fleet, movable }
})

const overCommitted = ({ candidates }: Fleet) =>
  candidates.filter((host) => Math.min(freeRam(host), freeVcpus(host), freeDisk(host)) < 0).map(({ name }) => name)

describe('every plan', () => {
  const spreadOf = ({ candidates }: Fleet, mean: number) =>
    Math.max(
      0,
      ...candidates
        .filter(({ record, inventory, reserved }) => record.enabled && inventory.memoryMb > reserved.memoryMb)
        .map((host) => Math.abs(ratioOf(host) - mean)),
    )

  it('moves each server once at most, to where the filters let it, never over-commits and never widens the spread', () => {
    fc.assert(
      fc.property(arbitraryLoad, fc.constantFrom(0.01, 0.1, 0.3), ({ fleet, movable }, tolerance) => {
        const { moves, mean, before, after } = planRebalance(fleet, movable, tolerance)
        const allowed = new Set(overCommitted(fleet))
        expect(new Set(moves.map(({ serverId }) => serverId)).size).toBe(moves.length)
        let current: Fleet = fleet
        for (const { serverId, from, to } of moves) {
          const server = movable.find(({ request }) => request.serverId === serverId)
          if (!server) throw new Error(`${serverId} may not move`)
          expect(from).toBe(server.from)
          const others = current.candidates.map((host) => ({
            ...host,
            servers: host.servers.filter(({ id }) => id !== serverId),
          }))
          const asked = { ...server.request, forcedHost: to }
          const { chosen } = selectHost(asked, { ...current, candidates: others }, { explain: true, random: () => 0 })
          expect(chosen).toBe(to)
          const next = relocate(current, server, to)
          expect(spreadOf(next, mean)).toBeLessThanOrEqual(spreadOf(current, mean) + 1e-6)
          expect(overCommitted(next).filter((name) => !allowed.has(name))).toEqual([])
          current = next
        }
        expect(before).toBeCloseTo(spreadOf(fleet, mean))
        expect(after).toBeCloseTo(spreadOf(current, mean))
      }),
      { numRuns: 300 },
    )
  })

  it('needs no second one', () => {
    fc.assert(
      fc.property(arbitraryLoad, ({ fleet, movable }) => {
        const { moves, mean, after } = planRebalance(fleet, movable, 0.1)
        if (after > 0.1) return
        const rested = moves.reduce((current, { serverId, to }) => {
          const server = movable.find(({ request }) => request.serverId === serverId)
          return server ? relocate(current, server, to) : current
        }, fleet)
        expect(planRebalance(rested, [], 0.1)).toMatchObject({
          moves: [],
          before: expect.closeTo(after),
          mean: expect.closeTo(mean),
        })
      }),
      { numRuns: 100 },
    )
  })
})
