/** Live moves by several ways, taken in turns: each of ours beside the one by hand that protects as much, and one in clear. */
import type { Row } from './row.ts'

const budget = 1.1
const pairs = [
  ['tunnel', 'through ssh -L and -R'],
  ['tls', 'by TLS'],
  ['tcp', 'in clear'],
  ['tunnel', 'in clear'],
] as const
export type Ours = (typeof pairs)[number][0]
export type ByHand = (typeof pairs)[number][1]
export type Way = Ours | ByHand
const ways: readonly Way[] = [...new Set(pairs.flat())]

export const isOurs = (way: Way): way is Ours => way === 'tunnel' || way === 'tls' || way === 'tcp'

/** Milliseconds. */
export interface Taken {
  readonly wall: number
  readonly downtime: number
}

export interface Comparison {
  readonly rounds: number
  /** What is measured, and what it is compared with: the beginnings of rows. */
  readonly work: string
  readonly comparedWith: string
  /** Moves the guest to the host where it is not. */
  readonly move: (way: Way) => Promise<Taken>
}

/** Medians of `rounds` moves each way. */
export async function compareWays({ rounds, work, comparedWith, move }: Comparison): Promise<Row[]> {
  const taken = new Map<Way, Taken[]>(ways.map((way) => [way, []]))
  for (let round = 0; round < rounds; round += 1) {
    // Forth and back: both hosts are the source of every way.
    for (const way of round % 2 === 0 ? ways : [...ways].reverse()) taken.get(way)?.push(await move(way))
  }
  return (['wall', 'downtime'] as const).flatMap((what) =>
    pairs.map(([ours, byHand]) => {
      const of = (way: Way) => median((taken.get(way) ?? []).map((one) => one[what]))
      const [value, comparison] = [of(ours), of(byHand)]
      const ratio = value / comparison
      return {
        work: `${work} by ${ours}: ${what}`,
        value,
        unit: 'ms',
        comparedWith: `${comparedWith} ${byHand}`,
        comparison,
        ratio,
        budget: `≤ ${budget}×`,
        met: ratio <= budget,
      }
    }),
  )
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
