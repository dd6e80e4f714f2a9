/** Random hosts and requests for properties of the scheduler: small numbers, so that hosts fill up and requests are refused. */
import type { Candidate, PlacementRequest } from '../../src/scheduler/types.ts'
import { aCandidate, aGroup, aPlacedServer, aRequest } from './a-candidate.ts'
import { fc } from './property.ts'

const ratio = fc.constantFrom(0.5, 1, 1.1, 1.5, 4, 16)
const zone = fc.constantFrom('az1', 'az2')
const pinned: [string, string] = ['hw:cpu_policy', 'dedicated']
const device: [string, string] = ['pci_passthrough:alias', '8086:10fb:1']

const cell = (id: number, cpus: number) => ({
  id,
  cpus: Array.from({ length: cpus }, (_, index) => id * cpus + index),
  memoryMb: 1024,
  pageSizesKb: [4],
})
const pciDevice = (slot: number) => ({ address: `0000:0${slot}:00.0`, vendorId: '8086', productId: '10fb', numaCell: null })

/** Hosts h0, h1, …, some disabled, some with NUMA cells and PCI devices; the servers on them claim nothing. */
export const arbitraryHosts = fc
  .array(
    fc.record({
      zone,
      enabled: fc.boolean(),
      memoryMb: fc.integer({ min: 1, max: 8192 }),
      vcpus: fc.integer({ min: 1, max: 8 }),
      diskGb: fc.integer({ min: 0, max: 100 }),
      ratios: fc.record({ cpu: ratio, ram: ratio, disk: ratio }),
      reserved: fc.record({ memoryMb: fc.constantFrom(0, 512), diskGb: fc.constantFrom(0, 5) }),
      cells: fc.integer({ min: 0, max: 2 }),
      devices: fc.integer({ min: 0, max: 3 }),
      failedBuilds: fc.integer({ min: 0, max: 2 }),
      busy: fc.integer({ min: 0, max: 8 }),
    }),
    { maxLength: 6 },
  )
  .map((hosts) =>
    hosts.map((host, index): Candidate => {
      const name = `h${index}`
      return aCandidate({
        name,
        zone: host.zone,
        record: { enabled: host.enabled, failedBuilds: host.failedBuilds },
        ratios: host.ratios,
        reserved: host.reserved,
        inventory: {
          memoryMb: host.memoryMb,
          vcpus: host.vcpus,
          diskGb: host.diskGb,
          numaCells: Array.from({ length: host.cells }, (_, id) => cell(id, host.vcpus)),
          pciDevices: Array.from({ length: host.devices }, (_, slot) => pciDevice(slot)),
        },
        servers: Array.from({ length: host.busy }, (_, place) =>
          aPlacedServer({ id: `${name}-${place}`, host: name, busy: true, ram: 0, vcpus: 0, disk: 0 }),
        ),
      })
    }),
  )

/** Requests s0, s1, … of mixed sizes, some pinned, some with a device, some in a group or a zone. */
export const arbitraryRequests = fc
  .array(
    fc.record({
      ram: fc.integer({ min: 1, max: 2048 }),
      vcpus: fc.integer({ min: 1, max: 3 }),
      diskGb: fc.integer({ min: 0, max: 20 }),
      specs: fc.subarray([pinned, device]),
      zone: fc.option(zone),
      policy: fc.option(fc.constantFrom('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity')),
    }),
    { maxLength: 30 },
  )
  .map((requests) =>
    requests.map(
      (request, index): PlacementRequest =>
        aRequest({
          serverId: `s${index}`,
          diskGb: request.diskGb,
          availabilityZone: request.zone,
          flavor: { ram: request.ram, vcpus: request.vcpus, extraSpecs: request.specs },
          group: request.policy === null ? null : aGroup({ id: request.policy, policy: request.policy }),
        }),
    ),
  )

/** Numbers in 0..1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
