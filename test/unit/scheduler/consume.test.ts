import { describe, expect, it } from 'vitest'
import { consume } from '../../../src/scheduler/consume.ts'
import { aCandidate, aFleet, aGroup, aPlacedServer, aRequest } from '../../support/a-candidate.ts'

const fleet = aFleet([
  aCandidate({ name: 'a', servers: [aPlacedServer()] }),
  aCandidate({ name: 'b', claimed: { ram: 1, vcpus: 2, disk: 3 } }),
])

describe('consume', () => {
  it('claims what the server needs', () => {
    expect(consume(fleet, aRequest(), 'b').candidates[1]?.claimed).toEqual({ ram: 513, vcpus: 3, disk: 13 })
  })

  it('places the server, busy, in its group', () => {
    const after = consume(fleet, aRequest({ group: aGroup() }), 'b')
    expect(after.candidates[1]?.servers).toMatchObject([{ id: 'server-1', host: 'b', groupId: 'group-1', busy: true, ram: 512 }])
    expect(after.hostOf('server-1')).toBe('b')
    expect(after.hostOf('placed-1')).toBe('a')
  })

  it('keeps the number of busy servers right, counted before or not', () => {
    const known = aFleet([aCandidate({ servers: [aPlacedServer({ busy: true })], busyServers: 1 })])
    const counted = aFleet([aCandidate({ servers: [aPlacedServer({ busy: true })] })])
    for (const before of [known, counted]) {
      const after = consume(consume(before, aRequest({ serverId: 's-1' }), 'host-a'), aRequest({ serverId: 's-2' }), 'host-a')
      expect(after.candidates[0]?.busyServers).toBe(3)
    }
  })

  it('leaves the fleet before alone and shares the other hosts', () => {
    const after = consume(fleet, aRequest(), 'b')
    expect(fleet.candidates[1]?.servers).toEqual([])
    expect(fleet.hostOf('server-1')).toBeUndefined()
    expect(after.candidates[0]).toBe(fleet.candidates[0])
  })

  it('finds servers after thousands of claims', () => {
    let after = fleet
    for (let index = 0; index < 3000; index++) after = consume(after, aRequest({ serverId: `s-${index}` }), 'b')
    expect([after.hostOf('s-0'), after.hostOf('s-2999'), after.hostOf('placed-1')]).toEqual(['b', 'b', 'a'])
  })

  it('refuses a host that is not there', () => {
    expect(() => consume(fleet, aRequest(), '__proto__')).toThrow('host __proto__ is not one of the 2 of the fleet')
  })
})
