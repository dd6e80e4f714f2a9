import { describe, expect, it } from 'vitest'
import { weigherNamed } from '../../../../src/scheduler/catalogue.ts'
import { aCandidate, aFleet, aGroup, aPlacedServer, aRequest } from '../../../support/a-candidate.ts'

const member = aPlacedServer({ groupId: 'group-1' })
const self = aPlacedServer({ id: 'server-1', groupId: 'group-1' })
const used = { claimed: { ram: 1384, vcpus: 28, disk: 100 }, reserved: { memoryMb: 1000, diskGb: 50 } }
const inGroup = (policy: 'soft-affinity' | 'soft-anti-affinity' | 'affinity') => ({ group: aGroup({ policy }) })

describe('weighers', () => {
  it.each<[string, Parameters<typeof aCandidate>[0], Parameters<typeof aRequest>[0], number]>([
    ['ram', used, {}, 14_000],
    ['cpu', used, {}, 100],
    ['disk', used, {}, 350],
    ['io-ops', { servers: [aPlacedServer({ busy: true }), member] }, {}, 1],
    ['soft-affinity', { servers: [member, self] }, inGroup('soft-affinity'), 1],
    ['soft-affinity', { servers: [member] }, inGroup('soft-anti-affinity'), 0],
    ['soft-affinity', { servers: [member] }, {}, 0],
    ['soft-anti-affinity', { servers: [member, self] }, inGroup('soft-anti-affinity'), -1],
    ['soft-anti-affinity', { servers: [member] }, inGroup('soft-affinity'), 0],
    ['build-failure', { record: { failedBuilds: 3 } }, {}, -3],
    ['build-failure', {}, {}, 0],
    ['server-group', { servers: [member, self] }, inGroup('affinity'), 1],
    ['server-group', { servers: [member] }, {}, 0],
  ])('%s weighs %j for %j', (name, host, request, expected) => {
    const candidate = aCandidate(host)
    expect(weigherNamed(name).weigh(candidate, aRequest(request), aFleet([candidate]))).toBe(expected)
  })
})
