import { describe, expect, it } from 'vitest'
import { selectHost, summarise } from '../../../src/scheduler/select-hosts.ts'
import { aCandidate, aFleet, aRequest } from '../../support/a-candidate.ts'

const summary = (hosts: Parameters<typeof aCandidate>[0][], request: Parameters<typeof aRequest>[0] = {}) =>
  summarise(selectHost(aRequest(request), aFleet(hosts.map(aCandidate)), { explain: false, random: () => 0 }))

describe('summarise', () => {
  it('says where the server goes', () => {
    expect(summary([{ name: 'a' }])).toBe('web-1 (512 MB, 1 vCPU, 10 GB) goes to host a')
  })

  it('counts the hosts that each filter refused, most first, and names the nearest', () => {
    const full = { zone: 'az1', inventory: { memoryMb: 400 } }
    const hosts = [
      { name: 'a', ...full },
      { name: 'b', zone: 'az2' },
      { name: 'c', ...full },
    ]
    expect(summary(hosts, { availabilityZone: 'az1' })).toBe(
      'no host can take web-1 (512 MB, 1 vCPU, 10 GB; zone az1): RamFilter refused 2 of 3 hosts, AvailabilityZoneFilter refused 1; nearest is host a: --flavor with ram ≤ 400 MB',
    )
  })

  it('says when there are no hosts', () => {
    expect(summary([], { flavor: { vcpus: 2 } })).toBe('no host can take web-1 (512 MB, 2 vCPUs, 10 GB): there are no hosts')
  })
})
