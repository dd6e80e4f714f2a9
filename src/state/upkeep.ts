import type { JournalReport } from './journal-report.ts'

/** What an administrator asks of the stored form of the records, whatever store holds them. */
export interface SchemaFacts {
  /** Where the records are. */
  readonly place: string
  /** Changes of the stored form that the records have seen, and that this program knows. */
  readonly schema: number
  readonly known: number
  /** Names of the changes that are missing, oldest first. */
  readonly pending: readonly string[]
}

export interface Upkeep {
  /** How many changes of the form of records this program knows. */
  readonly records: number
  facts(): Promise<SchemaFacts>
  /** Makes what is missing around the records; daemons one version older go on. */
  prepare(): Promise<void>
  /** From now on the records are written in the newest form; does nothing when they are. Older programs refuse them then. */
  sync(): Promise<void>
  /** Records in force that are still written in a form older than the one in force; each is made new when it is read. */
  olderRecords(): Promise<number>
  /** Writes at most `most` of them in the form in force, or all where that is one thing; resolves with how many. */
  renew(most: number): Promise<number>
  /** Checks everything that is kept, and changes nothing. */
  verify(): Promise<JournalReport>
}
