/**
 * The index of one of the best `subsetSize` totals, each with the same chance; hosts with equal totals take
 * the last places of the subset by lot. −1 when there is none. `random` gives numbers in 0..1.
 */
export function pickBest(totals: Float64Array, subsetSize: number, random: () => number): number {
  if (totals.length === 0) return -1
  const rank = draw(Math.min(Math.max(1, Math.floor(subsetSize)), totals.length), random)
  const wanted = rank === 0 ? largest(totals) : Float64Array.from(totals).sort()[totals.length - 1 - rank]
  const equals: number[] = []
  for (let index = 0; index < totals.length; index++) if (totals[index] === wanted) equals.push(index)
  return equals[draw(equals.length, random)] ?? -1
}

/** A whole number from 0 to below `count`; a `random` that gives 1 or nonsense stays in bounds. */
function draw(count: number, random: () => number): number {
  const drawn = count < 2 ? 0 : Math.floor(random() * count)
  return drawn >= 0 && drawn < count ? drawn : 0
}

function largest(totals: Float64Array): number | undefined {
  let best = totals[0]
  for (const total of totals) if (best === undefined || total > best) best = total
  return best
}
