import { describe, expect, it } from 'vitest'
import { selectHosts } from '../../../src/scheduler/select-hosts.ts'
import type { Candidate } from '../../../src/scheduler/types.ts'
import { aFleet } from '../../support/a-candidate.ts'
import { arbitraryHosts, arbitraryRequests, seededRandom } from '../../support/arbitrary-fleet.ts'
import { fc } from '../../support/property.ts'

const has = (key: string) => (server: Candidate['servers'][number]) => server.extraSpecs.some(([name]) => name === key)

/** What its servers take beyond what a host has, counted afresh; nothing on hosts that took nobody. */
function excess({ inventory, reserved, ratios, servers }: Candidate): string[] {
  const sum = (of: 'ram' | 'vcpus' | 'disk') => servers.reduce((total, server) => total + server[of], 0)
  if (sum('vcpus') === 0) return []
  const pins = servers.filter(has('hw:cpu_policy')).reduce((sum, server) => sum + server.vcpus, 0)
  const pinnedMb = servers.filter(has('hw:cpu_policy')).reduce((sum, server) => sum + server.ram, 0)
  const devices = servers.filter(has('pci_passthrough:alias')).length
  const cpus = inventory.numaCells.reduce((sum, cell) => sum + cell.cpus.length, 0)
  const cellMb = inventory.numaCells.reduce((sum, cell) => sum + cell.memoryMb, 0)
  return [
    ...(sum('ram') > (inventory.memoryMb - reserved.memoryMb) * ratios.ram ? ['ram'] : []),
    ...(sum('vcpus') > inventory.vcpus * ratios.cpu ? ['vcpus'] : []),
    ...(sum('disk') > (inventory.diskGb - reserved.diskGb) * ratios.disk ? ['disk'] : []),
    ...(pins > cpus || pinnedMb > cellMb ? ['pinned CPUs and memory'] : []),
    ...(devices > inventory.pciDevices.length ? ['devices'] : []),
    ...(servers.some(({ ram, vcpus }) => ram > inventory.memoryMb || vcpus > inventory.vcpus) ? ['one server'] : []),
    ...(servers.filter(({ groupId }) => groupId === 'anti-affinity').length > 1 ? ['anti-affinity'] : []),
  ]
}

describe('many servers placed one after another', () => {
  it('never over-commit a host, whatever the order and the mix', () => {
    fc.assert(
      fc.property(
        arbitraryHosts,
        arbitraryRequests,
        fc.nat(),
        fc.integer({ min: 1, max: 4 }),
        (hosts, requests, seed, hostSubsetSize) => {
          const options = { explain: false, random: seededRandom(seed) }
          const { fleet, decisions } = selectHosts(requests, aFleet(hosts, { hostSubsetSize }), options)
          expect(fleet.candidates.flatMap(excess)).toEqual([])
          const placed = decisions.filter(({ chosen }) => chosen !== null).length
          const before = hosts.reduce((sum, { servers }) => sum + servers.length, 0)
          expect(fleet.candidates.reduce((sum, { servers }) => sum + servers.length, 0)).toBe(before + placed)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('never pass a limit of servers or of builds', () => {
    fc.assert(
      fc.property(arbitraryHosts, arbitraryRequests, fc.nat(), (hosts, requests, seed) => {
        const settings = { maxInstancesPerHost: 10, maxIoOpsPerHost: 9 }
        const { fleet } = selectHosts(requests, aFleet(hosts, settings), { explain: false, random: seededRandom(seed) })
        for (const { servers } of fleet.candidates) expect(servers.length).toBeLessThanOrEqual(9)
      }),
      { numRuns: 100 },
    )
  })
})
