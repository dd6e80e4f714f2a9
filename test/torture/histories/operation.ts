/**
 * Terminology.
 * - history: what clients asked, when each call began and when its answer came, on one clock of the machine.
 * - open end: a call without an answer (its process died, or nobody knows); it took effect at any later time, or never.
 */

/** One call on one record. */
export type Call =
  | { readonly kind: 'read' }
  /** Replaces the value that was read before, by its generation. */
  | { readonly kind: 'swap'; readonly from: string; readonly to: string }
  | { readonly kind: 'insert'; readonly to: string }
  | { readonly kind: 'remove' }

/** What came of it: `null` is no record; `refused` is a conflict, a name that is taken, or a record that is gone. */
export type Outcome = { readonly value: string | null } | 'done' | 'refused'

export interface Operation {
  readonly key: string
  readonly call: Call
  readonly began: number
  /** Infinity for an open end. */
  readonly ended: number
  /** Undefined for an open end. */
  readonly outcome: Outcome | undefined
}

/** One step of a transaction on lists; `saw` is the list that a read got. */
export type Step =
  | { readonly kind: 'append'; readonly key: string; readonly value: number }
  | { readonly kind: 'read'; readonly key: string; readonly saw: readonly number[] }

export interface ListTransaction {
  readonly id: string
  readonly steps: readonly Step[]
  readonly began: number
  readonly ended: number
  /** `unknown` for an open end: its reads were never seen. */
  readonly status: 'done' | 'refused' | 'unknown'
}
