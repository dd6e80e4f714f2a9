import { defineFilter } from '../define-filter.ts'
import { hostAttribute } from '../host-attribute.ts'
import { type Fact, type Requirement, requirementOf } from '../requirement.ts'
import type { Candidate, PlacementRequest } from '../types.ts'

const scope = 'capabilities:'

interface Capability {
  readonly key: string
  readonly fact: string
  readonly read: (candidate: Candidate) => unknown
  readonly wanted: string
  readonly meets: Requirement
}

/**
 * ComputeCapabilitiesFilter: every `capabilities:` extra spec of the flavor holds for the host's own facts.
 * Further colons go deeper: `capabilities:cpu_info:features = <in> aes`. Unscoped specs belong to aggregates
 * (AggregateInstanceExtraSpecsFilter), so that both filters can be on; all operators of extra specs apply.
 */
export const computeCapabilitiesFilter = defineFilter('ComputeCapabilitiesFilter', (request) => {
  const capabilities = capabilitiesOf(request)
  if (capabilities.length === 0) return null
  return (candidate) => {
    for (const { key, fact: name, read, wanted, meets } of capabilities) {
      const change = `--flavor without extra spec ${key}`
      const fact = factOf(read(candidate))
      if (fact === undefined) return { reason: `${key} wants '${wanted}', the host has no ${name}`, change }
      if (!meets(fact)) return { reason: `${key} wants '${wanted}', the host has '${shown(fact)}'`, change }
    }
    return true
  }
})

function capabilitiesOf({ flavor }: PlacementRequest): Capability[] {
  return flavor.extraSpecs
    .filter(([key]) => key.startsWith(scope))
    .map(([key, wanted]) => {
      const fact = key.slice(scope.length)
      return { key, fact, read: hostAttribute(fact.split(':')), wanted, meets: requirementOf(wanted) }
    })
}

function factOf(value: unknown): Fact | undefined {
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value)) return value.map((member) => (typeof member === 'object' ? JSON.stringify(member) : String(member)))
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const shown = (fact: Fact) => (typeof fact === 'string' ? fact : fact.join(' ')).slice(0, 120)
