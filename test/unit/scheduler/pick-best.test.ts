import { describe, expect, it } from 'vitest'
import { pickBest } from '../../../src/scheduler/pick-best.ts'

/** How often each index is drawn when `random` walks evenly through 0..1. */
function draws(totals: readonly number[], subsetSize: number): number[] {
  const counts = totals.map(() => 0)
  for (let first = 0; first < 12; first++) {
    for (let second = 0; second < 12; second++) {
      const numbers = [first / 12, second / 12]
      const index = pickBest(Float64Array.from(totals), subsetSize, () => numbers.shift() ?? 0)
      counts[index] = (counts[index] ?? 0) + 1
    }
  }
  return counts
}

describe('pickBest', () => {
  it('takes the best', () => expect(draws([1, 3, 2], 1)).toEqual([0, 144, 0]))
  it('draws evenly among equals', () => expect(draws([3, 1, 3, 3], 1)).toEqual([48, 0, 48, 48]))
  it('draws evenly among the best of the subset', () => expect(draws([1, 4, 3, 2], 3)).toEqual([0, 48, 48, 48]))
  it('gives the last place of the subset by lot', () => expect(draws([4, 2, 2, 1], 2)).toEqual([72, 36, 36, 0]))
  it('takes the whole list for a subset that is too large', () => expect(draws([1, 2], 99)).toEqual([72, 72]))
  it('takes a subset below 1 for 1', () => expect(draws([1, 2], 0)).toEqual([0, 144]))
  it('has no answer for no totals', () => expect(pickBest(new Float64Array(), 1, () => 0)).toBe(-1))
  it.each([1, 2, -1, Number.NaN])('stays in bounds when random gives %s', (number) => {
    expect(pickBest(Float64Array.from([5, 5]), 2, () => number)).toBe(0)
  })
})
