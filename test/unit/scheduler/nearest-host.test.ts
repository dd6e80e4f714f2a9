import { describe, expect, it } from 'vitest'
import { selectHost } from '../../../src/scheduler/select-hosts.ts'
import { aCandidate, aFleet, aPlacedServer, aRequest } from '../../support/a-candidate.ts'

const nearest = (hosts: Parameters<typeof aCandidate>[0][], request: Parameters<typeof aRequest>[0]) =>
  selectHost(aRequest(request), aFleet(hosts.map(aCandidate)), { explain: true, random: () => 0 }).nearest

describe('nearest host', () => {
  it('is the one with the smallest shortage', () => {
    const hosts = [2000, 3120, 1000].map((memoryMb, index) => ({
      name: `h${index}`,
      inventory: { memoryMb },
      ratios: { ram: 1 },
    }))
    expect(nearest(hosts, { flavor: { ram: 8192 } })).toEqual({ host: 'h1', change: '--flavor with ram ≤ 3120 MB' })
  })

  it('says what to free when nothing is left', () => {
    const host = { inventory: { vcpus: 2 }, ratios: { cpu: 1 }, claimed: { vcpus: 2 } }
    expect(nearest([host], { flavor: { vcpus: 2 } })).toEqual({ host: 'host-a', change: 'free 2 vCPUs on host host-a' })
  })

  it('names every change that the host needs', () => {
    const host = { zone: 'az2', inventory: { vcpus: 1, diskGb: 5 } }
    expect(nearest([host], { availabilityZone: 'az1', flavor: { vcpus: 4 } })).toEqual({
      host: 'host-a',
      change: 'ask for zone az2 and --flavor with vcpus ≤ 1 and --flavor with disk ≤ 5 GB',
    })
  })

  it('prefers a change of the request to work on a host', () => {
    const down = { name: 'down', record: { enabled: false } }
    const apart = { name: 'apart', servers: [aPlacedServer()] }
    const request = { hints: { differentHost: ['placed-1'] } }
    expect(nearest([down, apart], request)).toEqual({ host: 'apart', change: 'drop hint different_host' })
    expect(nearest([down], {})).toEqual({ host: 'down', change: 'enable host down' })
  })

  it('is none when nothing would help', () => {
    expect(nearest([{}], { triedHosts: ['host-a'] })).toBeNull()
    expect(nearest([], {})).toBeNull()
  })
})
