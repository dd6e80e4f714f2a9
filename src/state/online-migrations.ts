/**
 * Changes of records that are made while everything runs, some at a time; for those that need more than the record itself, which
 * the named migrations of the stored form do when it is read. Each finds what it has not done yet, so it goes on anywhere.
 */
import type { Authorship, Store } from './store.ts'

export interface OnlineMigration {
  readonly name: string
  /** Changes up to `most` records; says how many it found that need it, and how many it did. */
  run(store: Store, authorship: Authorship, most: number): Promise<{ readonly found: number; readonly done: number }>
}

/** None is needed beside the one that writes records in the form in force (`Upkeep.renew`): every change so far is made when a record is read. */
export const onlineMigrations: readonly OnlineMigration[] = []
