import { describe, expect, it } from 'vitest'
import { weighCandidates } from '../../../src/scheduler/weigh-candidates.ts'
import { aCandidate, aFleet, anAggregate, aRequest } from '../../support/a-candidate.ts'

const host = (name: string, memoryMb: number, ...metadata: [string, string][]) =>
  aCandidate({ name, inventory: { memoryMb }, aggregates: metadata.length === 0 ? [] : [anAggregate(...metadata)] })
const weigh = (hosts: ReturnType<typeof host>[], multiplier = 1) => {
  const fleet = aFleet(hosts, { weighers: [{ name: 'ram', multiplier }] })
  return weighCandidates(hosts, aRequest(), fleet)
}

describe('weighCandidates', () => {
  it('normalises to 0..1 over the hosts, times the multiplier', () => {
    expect([...weigh([host('a', 1000), host('b', 3000), host('c', 2000)], 4).totals]).toEqual([0, 4, 2])
  })

  it('gives 0 when all hosts weigh the same', () => {
    expect([...weigh([host('a', 1000), host('b', 1000)]).totals]).toEqual([0, 0])
  })

  it('takes the smallest multiplier of the aggregates, and ignores what is no number', () => {
    const overridden = host('b', 2000, ['ram_weight_multiplier', '5'], ['ram_weight_multiplier', '-2'])
    const nonsense = host('c', 2000, ['ram_weight_multiplier', 'much'])
    expect([...weigh([host('a', 1000), overridden, nonsense]).totals]).toEqual([0, -2, 1])
  })

  it('shows the terms of each host', () => {
    expect(weigh([host('a', 1000), host('b', 3000)], 2).weightsOf(1)).toEqual([
      { weigher: 'ram', raw: 3000, normalised: 1, weighted: 2 },
    ])
  })

  it('counts a weight that is no number as 0', () => {
    expect([...weigh([host('a', Number.NaN), host('b', Number.POSITIVE_INFINITY), host('c', 10)]).totals]).toEqual([0, 0, 1])
  })

  it('stays within 0..1 for the largest numbers', () => {
    const { totals } = weigh([host('a', -Number.MAX_VALUE), host('b', Number.MAX_VALUE), host('c', 0)])
    expect([...totals]).toEqual([0, 1, 0.5])
  })
})
