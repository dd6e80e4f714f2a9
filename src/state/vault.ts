/**
 * User data and other secrets of servers that must outlive a process but may not enter the journal, whose history is
 * kept: 0600 files or rows of a database, gone with the server.
 */
export interface Vault {
  put(serverId: string, name: string, text: string): void | Promise<void>
  get(serverId: string, name: string): string | undefined | Promise<string | undefined>
  /** Removes everything of a server; silent when there is nothing. */
  forget(serverId: string): void | Promise<void>
}

/** A vault that can be moved to another place. */
export interface WholeVault extends Vault {
  entries(): AsyncIterable<VaultEntry>
}

export interface VaultEntry {
  readonly serverId: string
  readonly name: string
  readonly text: string
}
