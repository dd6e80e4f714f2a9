/**
 * User data and other secrets of servers that must outlive a process but may not enter the journal,
 * whose history is kept: one 0600 file each, gone with the server.
 */
export interface Vault {
  put(serverId: string, name: string, text: string): void
  get(serverId: string, name: string): string | undefined
  /** Removes everything of a server; silent when there is nothing. */
  forget(serverId: string): void
}
