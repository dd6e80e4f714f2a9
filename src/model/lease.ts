/** A task that one process at a time may do, until a moment. */
export interface Lease {
  /** The task. */
  readonly id: string
  readonly generation: number
  /** The service that has it. */
  readonly holder: string
  /** When it ends unless it is renewed: milliseconds of the store's clock. */
  readonly until: number
}
