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
  facts(): Promise<SchemaFacts>
  /** Writes the records in the newest form; does nothing when they are. */
  sync(): Promise<void>
}
