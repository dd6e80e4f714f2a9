import { expect, it } from 'vitest'
import type { Candidate, Filter, SchedulerSettings } from '../../src/scheduler/types.ts'
import { aCandidate, aFleet, aRequest } from './a-candidate.ts'

export interface FilterCase {
  /** What the filter does, as a sentence that ends the test's name. */
  readonly that: string
  readonly host?: Parameters<typeof aCandidate>[0]
  readonly request?: Parameters<typeof aRequest>[0]
  readonly settings?: Partial<SchedulerSettings>
  /** Hosts beside the one asked about. */
  readonly others?: readonly Candidate[]
  /** The reason of the refusal; the host passes when it is absent. */
  readonly refuses?: string
  /** What the refusal says to change. */
  readonly change?: string
}

/** One test a row: the filter passes the host, or refuses it for exactly this reason. */
export function itDecides(filter: Filter, cases: readonly FilterCase[]): void {
  it.each(cases.map((row) => [row.that, row] as const))('%s', (_, row) => {
    const candidate = aCandidate(row.host)
    const fleet = aFleet([candidate, ...(row.others ?? [])], row.settings)
    const answer = filter.passes(candidate, aRequest(row.request), fleet)
    expect(answer === true ? undefined : answer.reason).toBe(row.refuses)
    if (row.change !== undefined) expect(answer).toMatchObject({ change: row.change })
  })
}

/** A request whose flavor has these extra specs. */
export const withSpecs = (...extraSpecs: [string, string][]): Parameters<typeof aRequest>[0] => ({ flavor: { extraSpecs } })

/** A request whose image has these properties. */
export const withProperties = (...properties: [string, string][]): Parameters<typeof aRequest>[0] => ({ image: { properties } })
