/** What a check of the audit log found. */
export interface ChainReport {
  readonly lines: number
  /** Lines from before the log was chained, or cut short by a full disk. */
  readonly unlinked: number
  /** Link over the whole log: kept elsewhere it proves that the end was not cut off. */
  readonly head: string
  readonly problems: readonly { readonly line: number; readonly problem: string }[]
}
