import { describe, expect, it } from 'vitest'
import { selectHost, selectHosts } from '../../../src/scheduler/select-hosts.ts'
import { aCandidate, aFleet, aGroup, aRequest } from '../../support/a-candidate.ts'

const quick = { explain: false, random: () => 0 }
const full = { explain: true, random: () => 0 }
const host = (name: string, over: Parameters<typeof aCandidate>[0] = {}) => aCandidate({ name, ...over })
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => aRequest({ serverId: `s-${index}`, serverName: `web-${index}` }))

describe('selectHost', () => {
  const small = { inventory: { memoryMb: 4096 } }

  it('spreads by free RAM by default', () => {
    expect(selectHost(aRequest(), aFleet([host('a', small), host('b'), host('c', small)]), quick).chosen).toBe('b')
  })

  it('avoids hosts where builds failed, whatever they have free', () => {
    const fleet = aFleet([host('a', small), host('b', { record: { failedBuilds: 1 } })])
    expect(selectHost(aRequest(), fleet, quick).chosen).toBe('a')
  })

  it('asks every filter of every host to explain', () => {
    const fleet = aFleet([host('a', { zone: 'az1', record: { enabled: false }, inventory: { memoryMb: 100 } }), host('b')])
    const { chosen, verdicts } = selectHost(aRequest({ availabilityZone: 'nova' }), fleet, full)
    expect(chosen).toBe('b')
    expect(verdicts.map(({ host: name, complete, refusals }) => [name, complete, refusals.map(({ filter }) => filter)])).toEqual([
      ['a', true, ['AvailabilityZoneFilter', 'ComputeFilter', 'RamFilter']],
      ['b', true, []],
    ])
    expect(verdicts[1]?.weights.map(({ weigher }) => weigher)).toEqual(fleet.settings.weighers.map(({ name }) => name))
  })

  it('keeps the chosen host and ten refusals on the hot path', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => host(`h${index}`, { record: { enabled: index === 29 } }))
    const { chosen, verdicts } = selectHost(aRequest(), aFleet(hosts), quick)
    expect([chosen, verdicts[0]?.host, verdicts.length]).toEqual(['h29', 'h29', 11])
    expect(verdicts[1]).toMatchObject({ complete: false, refusals: [{ filter: 'ComputeFilter', reason: 'is disabled' }] })
  })

  it('explains by itself when no host passes', () => {
    const hosts = Array.from({ length: 30 }, (_, index) => host(`h${index}`, { record: { enabled: false } }))
    const decision = selectHost(aRequest(), aFleet(hosts), quick)
    expect(decision.verdicts.filter(({ complete }) => complete)).toHaveLength(30)
    expect(decision.nearest).toEqual({ host: 'h0', change: 'enable host h0' })
  })

  it('runs the filters on a host that was asked for by name', () => {
    const fleet = aFleet([host('a', { record: { enabled: false } }), host('b')])
    const { chosen, verdicts } = selectHost(aRequest({ forcedHost: 'a' }), fleet, full)
    expect(chosen).toBeNull()
    expect(verdicts.map(({ refusals }) => refusals.map(({ reason }) => reason))).toEqual([
      ['is disabled'],
      ['host a was asked for'],
    ])
    expect(selectHost(aRequest({ forcedHost: 'b' }), fleet, quick).chosen).toBe('b')
  })

  it('says when the host asked for does not exist', () => {
    const { verdicts } = selectHost(aRequest({ forcedHost: 'z' }), aFleet([host('a')]), full)
    expect(verdicts[0]?.refusals[0]?.reason).toBe('host z was asked for, and there is no such host')
  })

  it('refuses unknown names in the settings', () => {
    expect(() => selectHost(aRequest(), aFleet([], { filters: ['NoFilter'] }), quick)).toThrow(/^unknown filter 'NoFilter'/)
    const fleet = aFleet([host('a')], { weighers: [{ name: 'rum', multiplier: 1 }] })
    expect(() => selectHost(aRequest(), fleet, quick)).toThrow(/^unknown weigher 'rum'; known: /)
  })
})

describe('selectHosts', () => {
  it('sees the claims of the servers before', () => {
    const fleet = aFleet([host('a', { inventory: { diskGb: 20 } }), host('b', { inventory: { diskGb: 10 } })])
    const { decisions, fleet: after } = selectHosts(many(4), fleet, quick)
    expect(decisions.map(({ chosen }) => chosen).filter((chosen) => chosen !== null)).toHaveLength(3)
    expect(after.candidates.map(({ claimed }) => claimed.disk)).toEqual([20, 10])
  })

  it('keeps a group apart, and together', () => {
    const fleet = aFleet([host('a'), host('b')])
    const hostsFor = (policy: 'affinity' | 'anti-affinity') =>
      selectHosts(
        many(3).map((request) => ({ ...request, group: aGroup({ policy }) })),
        fleet,
        quick,
      ).decisions.map(({ chosen }) => chosen)
    expect(hostsFor('anti-affinity')).toEqual(['a', 'b', null])
    expect(hostsFor('affinity')).toEqual(['a', 'a', 'a'])
  })
})
