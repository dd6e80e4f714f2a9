/** One line of a benchmark's result: what was measured, beside what it was compared with in the same run. */
export interface Row {
  work: string
  value: number
  unit: string
  comparedWith: string
  comparison: number | null
  ratio: number | null
  budget: string
  met: boolean
}

/** A figure that is compared with nothing but its target. */
export const plainRow = (work: string, value: number, unit: string, budget = '', met = true): Row => ({
  ...{ work, value, unit, budget, met },
  ...{ comparedWith: '', comparison: null, ratio: null },
})
