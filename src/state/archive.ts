/**
 * Terminology.
 * - tree: a deleted server with all records that belong to it (`src/model/server-tree.ts`).
 * - unsettled: kept here, but perhaps still (or again) in the store: its archiver or restorer may have died in between.
 *   Whoever works next looks into the store, which is always right.
 */
import type { TableName } from '../model/tables.ts'
import type { StoredRecord } from './record.ts'

export interface TreeRecord {
  readonly table: TableName
  readonly record: StoredRecord
}

/** What is known of a tree without its records. */
export interface TreeEntry {
  readonly serverId: string
  readonly name: string
  readonly projectId: string
  /** ISO 8601 times. */
  readonly deletedAt: string
  readonly archivedAt: string
  /** Number of records by table. */
  readonly counts: readonly (readonly [table: string, records: number])[]
}

export interface Tree extends TreeEntry {
  readonly records: readonly TreeRecord[]
}

/** A tree on its way into an archive: its records as JSON, which takes a fraction of the memory of the records. */
export interface WrittenTree extends TreeEntry {
  /** `Tree.records`. */
  readonly text: string
}

export const written = ({ records, ...entry }: Tree): WrittenTree => ({ ...entry, text: JSON.stringify(records) })

export interface Purged {
  readonly servers: number
  readonly counts: ReadonlyMap<string, number>
}

/** Where the trees of deleted servers go; beside a Store, with the same guarantees. Methods but `alone` want its lock. */
export interface Archive {
  /** Where it is, for people. */
  readonly place: string
  /** Runs `work` while nobody else archives, restores or purges here; `conflict` when somebody does. */
  alone<T>(work: () => Promise<T>): Promise<T>
  /** Keeps trees durably, unsettled. Memory is bounded by what is given. */
  add(trees: readonly WrittenTree[]): Promise<void>
  /** Ids of trees that are unsettled. */
  unsettled(): Promise<string[]>
  /** Makes trees unsettled, durably, before they are put back. */
  unsettle(serverIds: readonly string[]): Promise<void>
  /** Says that these trees are here alone. */
  settle(serverIds: readonly string[]): Promise<void>
  /** Drops trees that are in the store. Unknown ids are no error. */
  forget(serverIds: readonly string[]): Promise<void>
  /** The tree with its records in the newest form; needs no lock. */
  get(serverId: string): Promise<Tree | undefined>
  /** All trees, in the order in which they came; needs no lock. */
  entries(): AsyncIterable<TreeEntry>
  /** The same with their records in the newest form; holds a batch in memory. */
  trees(): AsyncIterable<Tree>
  /** Removes for ever what was deleted before a time (ISO 8601), or everything. `planned` only counts. */
  purge(before: string | undefined, planned: boolean): Promise<Purged>
}

/** How many records of each table a list of records has. */
export function countsOf(records: readonly TreeRecord[]): [string, number][] {
  const counts = new Map<string, number>()
  for (const { table } of records) counts.set(table, (counts.get(table) ?? 0) + 1)
  return [...counts]
}

/** Adds the counts of one to those of another. */
export function addCounts(into: Map<string, number>, counts: Iterable<readonly [string, number]>): void {
  for (const [table, count] of counts) into.set(table, (into.get(table) ?? 0) + count)
}
