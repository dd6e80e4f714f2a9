/**
 * Changes of the stored form, forward only. The schema of a directory is the number of migrations that it has seen.
 * A new migration goes to the end of the list and never changes afterwards. Records in old snapshots, segments and
 * history pass through the missing ones when they are read; the next writer of a directory continues in the newest schema,
 * that of a database once it was synced. A migration only adds, fields with a default or tables, so that a program one
 * version older can work beside this one: older-form.ts.
 */
import { Fault } from '../../core/fault.ts'
import { type TableName, tableNames } from '../../model/tables.ts'
import { parseRecord, type RawChange, type StoredRecord } from '../record.ts'

export interface Migration {
  readonly name: string
  /** The record in the newer form. Must keep its id and generation. */
  migrate(table: TableName, record: StoredRecord): StoredRecord
  /** Tables that came with it. */
  readonly tables?: readonly TableName[]
  /** An older program may pass over what its fields say: they are written beside the older form. */
  readonly isIgnorable?: boolean
}

/** Records stay as they are: a program that does not know what a database keeps beside them (beats.ts) must not open it. */
export const beatsBesideRecords: Migration = { name: 'beats beside the records', migrate: (_, record) => record }

export const migrations: readonly Migration[] = [
  {
    name: 'hosts over ssh',
    migrate: (table, record) => (table === 'hosts' ? { identityFile: null, jump: null, sudo: false, ...record } : record),
  },
  // Records stay as they are: a program that does not know the table of moves must not open the directory.
  { name: 'table of migrations', tables: ['migrations'], migrate: (_, record) => record },
  {
    name: 'shelved servers',
    migrate: (table, record) => (table === 'servers' ? { rootImageId: null, shelved: null, ...record } : record),
  },
  {
    name: 'adopted servers',
    migrate: (table, record) => (table === 'servers' ? { adopted: null, ...record } : record),
  },
  {
    name: 'live moves',
    migrate: (table, record) =>
      table === 'migrations' ? { order: null, progress: null, options: null, result: null, reason: null, ...record } : record,
  },
  // The same for the table of tokens.
  { name: 'table of tokens', tables: ['tokens'], migrate: (_, record) => record },
  {
    name: 'CPU of guests',
    isIgnorable: true,
    migrate: (table, record) => (table === 'hosts' ? { guestCpu: null, ...record } : record),
  },
  // The same for the tables of services and leases.
  { name: 'table of services', tables: ['services', 'leases'], migrate: (_, record) => record },
  // The same for the tables of periodic tasks and of webhooks.
  {
    name: 'table of periodic tasks',
    tables: ['periodicTasks', 'webhooks', 'failedDeliveries', 'feedPositions'],
    migrate: (_, record) => record,
  },
  {
    name: 'extra disks',
    migrate: (table, record) => (table === 'servers' ? { disks: [], ...record } : record),
  },
  {
    name: 'soft-deleted servers',
    migrate: (table, record) => (table === 'servers' ? { stateBeforeDelete: null, ...record } : record),
  },
  {
    name: 'what services understand',
    isIgnorable: true,
    migrate: (table, record) => (table === 'services' ? { understands: { records: 0, messages: 1 }, ...record } : record),
  },
  beatsBesideRecords,
]

/** A record of a form that nobody tells: migrations add defaults, so those that it has seen change nothing. */
export const newestForm = (table: TableName, record: StoredRecord): StoredRecord =>
  migrations.reduce((older, migration) => migration.migrate(table, older), record)

/** Refuses a directory that a newer program has written. */
export function checkSchema(schema: number, list: readonly Migration[], directory: string): void {
  if (schema <= list.length) return
  throw new Fault('unsupported', `${directory} has schema ${schema}, this program knows schemas up to ${list.length}`, {
    hint: 'use the newer version of the program that wrote it',
  })
}

/** `changes` written in `schema`, as the newest schema has them; tables that no longer exist are left out. */
export function migrated(changes: readonly RawChange[], schema: number, list: readonly Migration[]): readonly RawChange[] {
  const missing = list.slice(schema)
  if (missing.length === 0) return changes
  return changes.flatMap((change) => {
    if (!tableNames.includes(change.table)) return []
    if (change.text === null) return change
    const start = parseRecord(change.text)
    const record = missing.reduce((older, migration) => migration.migrate(change.table, older), start)
    return { ...change, text: JSON.stringify(record) }
  })
}
