/**
 * Terminology.
 * - row: one kind of fault with the experiments that make it happen.
 * - case: one experiment of a row; a run's seed chooses it.
 * - scene: what all runs of a batch share, for example hosts that are slow to start.
 * - void: a batch in which too little went wrong, or too little was checked; it counts as failed.
 */

/** What must hold after every run (the oracles). */
export const invariants = {
  ACK: 'what was acknowledged is there after any recovery',
  REV: 'revisions are whole, gapless and hash-chained',
  CAS: 'no update is lost',
  FLOW: 'every operation is done, undone or blocked with a reason',
  OWN: 'at most one process acts for an operation',
  ONE: 'no server runs twice, no disk is open twice',
  RES: 'claims and quotas equal the records',
  HOST: 'hosts hold what the records say, and nothing else',
  DISK: 'disks are whole and have what was written to them',
  IDEM: 'a request that is repeated has one effect',
  SEC: 'no secret outlives its server or is shown',
  LIVE: 'everything ends within its deadline',
  SAFE: 'an error is one line with its kind',
} as const
export type Invariant = keyof typeof invariants

/** One run of one case. */
export interface Trial {
  readonly seed: number
  /** Evenly spread in [0, 1), the same for the same seed. */
  random(): number
  /** The fault really happened. */
  fired(times?: number): void
  /** So many operations were judged. */
  checked(operations?: number): void
  /** A place that the row wants to have been at. */
  mark(name: string): void
  /** The oracles' verdict: every finding breaks one of those invariants. */
  judge(held: readonly Invariant[], findings: readonly string[]): void
}

export interface Scene {
  /** Every experiment by its name, in a fixed order. */
  readonly cases: readonly string[]
  run(name: string, trial: Trial): Promise<void>
  close(): Promise<void>
}

export interface Row {
  /** As in the matrix of the reliability page: `R1` … */
  readonly id: string
  readonly title: string
  /** Runs in `npm test`, as published, and before a release; `every` runs each case once. */
  readonly runs: { readonly t1: number; readonly t2: number | 'every'; readonly t3: number | 'every' }
  /** Least faults and checked operations per run, on average; less makes the batch void. */
  readonly floor: { readonly fired: number; readonly checked: number }
  /** Places that a large batch should have been at; the verdict names those that it missed. */
  readonly marks?: readonly string[]
  open(): Promise<Scene>
}
