/** What becomes of messages: a seed decides which kinds of faults there are, how often, and which message they meet. */

export type Misfortune = 'lost' | 'doubled' | 'late' | 'reordered'

export const misfortunes: readonly Misfortune[] = ['lost', 'doubled', 'late', 'reordered']

/** Milliseconds after which each copy of a message arrives: none for a lost one. */
export type Fate = readonly number[]

export interface Fates {
  /** Of one message; `deadlineMs` is how long its answer is worth something. */
  of(deadlineMs: number): Fate
  /** From now on everything arrives once and at once. */
  heal(): void
  /** How often each happened. */
  readonly met: Readonly<Record<Misfortune, number>>
}

/** The most of each, as a share of all messages. */
const most: Readonly<Record<Misfortune, number>> = { lost: 0.3, doubled: 0.5, late: 0.2, reordered: 0.5 }

export interface FatesOptions {
  readonly random: () => number
  /** How far a message may fall behind others, in milliseconds. */
  readonly behindMs: number
  /** Only these; by default each with one chance in two, so that they do not hide one another, and at least one. */
  readonly only?: readonly Misfortune[] | undefined
}

export function fatesOf({ random, behindMs, only }: FatesOptions): Fates {
  const drawn = misfortunes.filter(() => random() < 0.5)
  const fallback = misfortunes[Math.floor(random() * misfortunes.length)] ?? 'lost'
  const kinds = only ?? (drawn.length > 0 ? drawn : [fallback])
  // Often few of them: a flow of ten calls does not get far where each third message is lost.
  const rates = new Map(kinds.map((kind) => [kind, (most[kind] * (1 + Math.floor(random() * 6))) / 6]))
  const met = { lost: 0, doubled: 0, late: 0, reordered: 0 }
  let isHealed = false
  const meets = (kind: Misfortune): boolean => {
    if (random() >= (rates.get(kind) ?? 0)) return false
    met[kind] += 1
    return true
  }
  const arrivals = (deadlineMs: number): number[] => {
    if (meets('lost')) return []
    if (meets('late')) return [deadlineMs * (1 + random())]
    return [meets('reordered') ? random() * behindMs : 0]
  }
  return {
    met,
    heal: () => {
      isHealed = true
    },
    of(deadlineMs) {
      if (isHealed) return [0]
      return meets('doubled') ? [...arrivals(deadlineMs), ...arrivals(deadlineMs)] : arrivals(deadlineMs)
    },
  }
}
