import { describe, expect, it } from 'vitest'
import { filters } from '../../../src/scheduler/catalogue.ts'
import { selectHost } from '../../../src/scheduler/select-hosts.ts'
import type { PlacementRequest } from '../../../src/scheduler/types.ts'
import { weighCandidates } from '../../../src/scheduler/weigh-candidates.ts'
import { aCandidate, aFleet, anAggregate, aRequest } from '../../support/a-candidate.ts'
import { arbitraryHosts, arbitraryRequests, seededRandom } from '../../support/arbitrary-fleet.ts'
import { fc } from '../../support/property.ts'

const all = filters.map(({ name }) => name)

/** The request after one change that `nearest` names; null when it is no change of the request. */
function applied(request: PlacementRequest | null, change: string): PlacementRequest | null {
  if (request === null) return null
  const { flavor } = request
  const [, what, amount] = /flavor with (ram|vcpus|disk) ≤ (\d+)/.exec(change) ?? []
  if (what === 'disk') return { ...request, diskGb: Number(amount) }
  if (what !== undefined) return { ...request, flavor: { ...flavor, [what]: Number(amount) } }
  if (change.includes('flavor with')) return { ...request, flavor: { ...flavor, extraSpecs: [] } }
  const zone = /^ask for zone (.*)$/.exec(change)?.[1]
  return zone === undefined ? null : { ...request, availabilityZone: zone }
}

describe('selection', () => {
  it('chooses the same host with and without explain', () => {
    fc.assert(
      fc.property(arbitraryHosts, arbitraryRequests, fc.nat(), (hosts, requests, seed) => {
        const fleet = aFleet(hosts, { hostSubsetSize: 2 })
        for (const request of requests) {
          const quick = selectHost(request, fleet, { explain: false, random: seededRandom(seed) })
          const full = selectHost(request, fleet, { explain: true, random: seededRandom(seed) })
          expect(quick.chosen).toBe(full.chosen)
          expect(full.verdicts.map(({ host }) => host)).toEqual(hosts.map(({ name }) => name))
          const chosen = full.verdicts.find(({ host }) => host === full.chosen)
          expect(chosen?.refusals ?? []).toEqual([])
        }
      }),
    )
  })

  it('never refuses a request because a host was added', () => {
    fc.assert(
      fc.property(arbitraryHosts, arbitraryRequests, fc.nat(), (hosts, requests, count) => {
        const fewer = aFleet(hosts.slice(0, count % (hosts.length + 1)), { filters: all })
        const options = { explain: false, random: () => 0 }
        for (const request of requests) {
          if (selectHost(request, fewer, options).chosen === null) continue
          expect(selectHost(request, aFleet(hosts, { filters: all }), options).chosen).not.toBeNull()
        }
      }),
      { numRuns: 50 },
    )
  })

  it('names a change with which the nearest host takes the server', () => {
    fc.assert(
      fc.property(arbitraryHosts, arbitraryRequests, (hosts, requests) => {
        const fleet = aFleet(hosts)
        for (const request of requests) {
          const { nearest, chosen } = selectHost(request, fleet, { explain: false, random: () => 0 })
          if (chosen !== null || nearest === null) continue
          const changed = nearest.change
            .split(/ and (?=--|ask |enable |free |leave )/)
            .reduce<PlacementRequest | null>(applied, request)
          if (changed === null) continue
          const again = selectHost({ ...changed, forcedHost: nearest.host }, fleet, { explain: true, random: () => 0 })
          expect([nearest.change, again.chosen]).toEqual([nearest.change, nearest.host])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('keeps normalised weights within 0..1 and totals finite', () => {
    const raw = fc.double({ noDefaultInfinity: false })
    const multiplier = fc.oneof(fc.constant(''), fc.double({ min: -1e9, max: 1e9 }).map(String), fc.string())
    fc.assert(
      fc.property(fc.array(fc.tuple(raw, multiplier), { maxLength: 8 }), (rows) => {
        const hosts = rows.map(([memoryMb, value]) =>
          aCandidate({ inventory: { memoryMb }, aggregates: [anAggregate(['ram_weight_multiplier', value])] }),
        )
        const fleet = aFleet(hosts)
        const weighing = weighCandidates(hosts, aRequest(), fleet)
        for (const index of hosts.keys()) {
          for (const { normalised } of weighing.weightsOf(index)) {
            expect(normalised).toBeGreaterThanOrEqual(0)
            expect(normalised).toBeLessThanOrEqual(1)
          }
        }
      }),
    )
  })
})
