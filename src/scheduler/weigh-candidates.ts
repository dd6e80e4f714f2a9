/** Weights of the hosts that passed: each weigher normalised to 0..1 over them, times its multiplier, added up. */
import { smallestAggregateNumber } from './aggregate-values.ts'
import { weigherNamed } from './catalogue.ts'
import type { Candidate, Fleet, PlacementRequest, Verdict } from './types.ts'

interface Column {
  readonly weigher: string
  readonly multiplier: number
  /** Aggregate metadata with this key overrides the multiplier, for example `io_ops_weight_multiplier`. */
  readonly override: string
  readonly raw: Float64Array
  readonly minimum: number
  readonly maximum: number
}

export interface Weighing {
  /** One for each candidate, in their order. */
  readonly totals: Float64Array
  weightsOf(index: number): Verdict['weights']
}

/** Weighs candidates that passed; higher totals win. */
export function weighCandidates(candidates: readonly Candidate[], request: PlacementRequest, fleet: Fleet): Weighing {
  const columns = fleet.settings.weighers.map((setting) => columnOf(setting, candidates, request, fleet))
  const totals = new Float64Array(candidates.length)
  const isOverridden = candidates.some(overridesMultiplier)
  for (const column of columns) {
    if (column.minimum === column.maximum) continue
    for (let index = 0; index < totals.length; index++) {
      const candidate = isOverridden ? candidates[index] : undefined
      const multiplier = candidate ? multiplierFor(column, candidate) : column.multiplier
      totals[index] = (totals[index] ?? 0) + normalised(column, index) * multiplier
    }
  }
  const weightsOf = (index: number) => {
    const candidate = candidates[index]
    return candidate ? columns.map((column) => weightOf(column, index, multiplierFor(column, candidate))) : []
  }
  return { totals, weightsOf }
}

function columnOf(
  { name, multiplier }: { readonly name: string; readonly multiplier: number },
  candidates: readonly Candidate[],
  request: PlacementRequest,
  fleet: Fleet,
): Column {
  const weigher = weigherNamed(name)
  const raw = new Float64Array(candidates.length)
  const override = `${name.replaceAll('-', '_')}_weight_multiplier`
  const column = { weigher: name, multiplier: finite(multiplier), override, raw }
  if (weigher.applies?.(request) === false) return { ...column, minimum: 0, maximum: 0 }
  let minimum = Number.POSITIVE_INFINITY
  let maximum = Number.NEGATIVE_INFINITY
  let index = 0
  for (const candidate of candidates) {
    const weight = finite(weigher.weigh(candidate, request, fleet))
    raw[index++] = weight
    if (weight < minimum) minimum = weight
    if (weight > maximum) maximum = weight
  }
  return { ...column, minimum, maximum }
}

/** A weigher that has no answer (NaN, infinity) counts as 0. */
const finite = (value: number) => (Number.isFinite(value) ? value : 0)

/** 0 when all hosts weigh the same, as in Nova. Halves keep the range of huge weights finite. */
function normalised({ raw, minimum, maximum }: Column, index: number): number {
  const range = maximum / 2 - minimum / 2
  return range > 0 ? Math.min(1, ((raw[index] ?? 0) / 2 - minimum / 2) / range) : 0
}

/** Rare, and looking for each weigher's key at each host is dear: asked once. */
const overridesMultiplier = ({ aggregates }: Candidate) =>
  aggregates.some(({ metadata }) => metadata.some(([key]) => key.endsWith('_weight_multiplier')))

const multiplierFor = ({ multiplier, override }: Column, { aggregates }: Candidate) =>
  aggregates.length === 0 ? multiplier : smallestAggregateNumber(aggregates, override, multiplier)

const weightOf = (column: Column, index: number, multiplier: number) => ({
  weigher: column.weigher,
  raw: column.raw[index] ?? 0,
  normalised: normalised(column, index),
  weighted: normalised(column, index) * multiplier,
})
