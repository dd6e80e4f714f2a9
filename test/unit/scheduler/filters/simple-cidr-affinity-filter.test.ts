import { describe, expect, it } from 'vitest'
import { Fault } from '../../../../src/core/fault.ts'
import { simpleCidrAffinityFilter } from '../../../../src/scheduler/filters/simple-cidr-affinity-filter.ts'
import { aCandidate, aFleet, aRequest } from '../../../support/a-candidate.ts'
import { itDecides } from '../../../support/filter-cases.ts'

const near = (buildNearHostIp: string, cidr: string | null = null) => ({ hints: { buildNearHostIp, cidr } })

describe(simpleCidrAffinityFilter.name, () => {
  itDecides(simpleCidrAffinityFilter, [
    { that: 'passes without the hint', host: { record: { address: 'local' } } },
    { that: 'takes /24 by default', request: near('10.0.0.200') },
    { that: 'refuses the next network', request: near('10.0.1.1'), refuses: 'its address 10.0.0.1 is outside 10.0.1.1/24' },
    { that: 'takes the prefix of the hint', request: near('10.0.1.1', '/23') },
    {
      that: 'takes a prefix without a slash',
      request: near('10.0.0.2', '32'),
      refuses: 'its address 10.0.0.1 is outside 10.0.0.2/32',
    },
    { that: 'knows IPv6', host: { record: { address: 'fd00::1:1' } }, request: near('fd00::1:2', '/112') },
    {
      that: 'sees beyond /64',
      host: { record: { address: 'fd00::2:1' } },
      request: near('fd00::1:2', '/112'),
      refuses: 'its address fd00::2:1 is outside fd00::1:2/112',
    },
    { that: 'never mixes families', request: near('::', '/0'), refuses: 'its address 10.0.0.1 is outside ::/0' },
    {
      that: 'refuses hosts that are known by name only',
      host: { record: { address: 'node-1.example' } },
      request: near('10.0.0.1'),
      refuses: "its address 'node-1.example' is no IP address, so it is not known to be near 10.0.0.1/24",
    },
  ])

  it.each([
    ['10.0.0', null],
    ['10.0.0.01', null],
    ['10.0.0.256', null],
    ['fd00::1::2', null],
    ['1:2:3:4:5:6:7:8:9', null],
    ['10.0.0.1', '/33'],
    ['10.0.0.1', '/x'],
    ['10.0.0.1', ''],
    ['x'.repeat(5000), null],
  ])('says what is wrong with %s %s', (ip, cidr) => {
    expect(() => simpleCidrAffinityFilter.passes(aCandidate(), aRequest(near(ip, cidr)), aFleet([]))).toThrow(Fault)
  })
})
