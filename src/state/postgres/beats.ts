/**
 * What is said again every few seconds and leaves no revision: that a service is there, and that a lease goes on. Its time is kept
 * beside the records and shown in them. Only once the records have a form that no older program reads: that one would look at the
 * records alone, and take services for dead and leases for free.
 */
import type { ProcessIdentity } from '../../core/ports.ts'
import { fromIso, iso } from '../../core/time.ts'
import { beatsBesideRecords, type Migration } from '../json/migrations.ts'
import { type Item, type StoredRecord, TextItem } from '../record.ts'
import type { Overrides, State } from '../state.ts'
import type { Connections } from './connections.ts'

type BeatingTable = 'services' | 'leases'

export interface Beat {
  readonly table: string
  readonly id: string
  /** Whose it is: of another process or holder than the record's it says nothing. */
  readonly owner: string
  readonly atMs: number
}

/** All of them in one column. */
export const beatsColumn = '(SELECT json_agg(json_build_array(tbl, id, owner, at_ms)) FROM beats) AS beats'

/** What that column holds. */
export const beatsOf = (column: unknown): readonly Beat[] =>
  Array.isArray(column) ? column.map(([table, id, owner, atMs]) => ({ table, id, owner, atMs: Number(atMs) })) : []

/** Notes that a service's process is there now; false when the form of the records wants a revision for it. */
export const reportService = (connections: Connections, id: string, process: ProcessIdentity): Promise<boolean> =>
  isDone(connections, 'SELECT beat_service($1, $2, $3) AS done', [id, processKey(process)])

/** Lengthens a lease that the record gives to `holder` and that has not ended; false when only a transaction can. */
export const renewLease = (connections: Connections, id: string, holder: string, ms: number): Promise<boolean> =>
  isDone(connections, 'SELECT beat_lease($1, $2, $4, $3) AS done', [id, holder], ms)

/** May be asked twice: the second time says the same a moment later. */
async function isDone(connections: Connections, text: string, values: readonly unknown[], ...more: readonly unknown[]) {
  const form = formWithBeats(connections.migrations)
  if (form === undefined) return false
  return (await connections.read(text, [...values, form, ...more])).rows[0]?.done === true
}

/** How many changes the form has from which on beats are kept beside the records; undefined for a program without them. */
function formWithBeats(migrations: readonly Migration[]): number | undefined {
  const at = migrations.indexOf(beatsBesideRecords)
  return at < 0 ? undefined : at + 1
}

/** The record with what its last beat says. */
export function withBeat(table: string, record: StoredRecord, beats: readonly Beat[]): StoredRecord {
  const found = beats.find((beat) => beat.table === table && beat.id === record.id)
  if (!found) return record
  const { lastSeen, process, holder, until } = record
  if (table === 'services' && found.owner === processKey(process) && found.atMs > fromIso(String(lastSeen)))
    return { ...record, lastSeen: iso(found.atMs) }
  if (table === 'leases' && found.owner === holder && found.atMs > Number(until)) return { ...record, until: found.atMs }
  return record
}

/** Shows the last beats in the records of `state`, for a view of it that nobody has looked at yet. */
export function showBeats(state: State, seen: Overrides, beats: readonly Beat[]): void {
  for (const { table, id } of beats) {
    if (!isBeating(table)) continue
    const override = seen.tables.get(table)?.get(id)
    const item: Item | undefined | null = override === undefined ? state.table(table).get(id) : override
    const record = item?.record()
    const shown = record && withBeat(table, record, beats)
    if (item && shown !== record) seen.set(table, id, new TextItem(item.seq, id, JSON.stringify(shown)))
  }
}

export const isBeating = (table: string): table is BeatingTable => table === 'services' || table === 'leases'

function processKey(process: unknown): string {
  const { pid, startTime, bootId } = Object(process)
  return `${pid} ${startTime} ${bootId}`
}
