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
