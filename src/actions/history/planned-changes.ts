/** What a plan would change in the records, one line a record. */
import type { TableName } from '../../model/tables.ts'
import type { DraftStore } from '../../state/draft.ts'
import type { Change, Store } from '../../state/store.ts'
import { differences } from './differences.ts'

/** Bookkeeping of operations: the steps of the plan say the same better. */
const unsaid: ReadonlySet<TableName> = new Set<TableName>(['flows', 'requests'])

/** Lines such as `servers web-1: name "web-1" → "web-2"`; nothing for a record that ends as it began. */
export async function plannedChanges(draft: DraftStore, base: Store): Promise<string[]> {
  const last = new Map<string, Change>()
  for (const change of draft.changes()) if (!unsaid.has(change.table)) last.set(`${change.table}/${change.id}`, change)
  const lines: string[] = []
  for (const { table, id, record } of last.values()) {
    const before = (await base.read((reader) => reader.get(table, id))) ?? null
    const line = lineOf(table, before as Record<string, unknown> | null, record)
    if (line !== undefined) lines.push(line)
  }
  return lines
}

type Fields = Readonly<Record<string, unknown>> | null

function lineOf(table: TableName, before: Fields, after: Fields): string | undefined {
  const named = `${table} ${String((after ?? before)?.name ?? (after ?? before)?.id)}`
  if (before === null) return after === null ? undefined : `${named}: new record`
  if (after === null) return `${named}: removed`
  const changed = differences(before, after).map((change) => `${change.field} ${brief(change.before)} → ${brief(change.after)}`)
  return changed.length === 0 ? undefined : `${named}: ${changed.join(', ')}`
}

const longest = 60

function brief(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length <= longest ? text : `${text.slice(0, longest)}…`
}
