/** What differs between two sets of records: ids that one of them lacks, and fields that differ. */
import type { TableName } from '../model/tables.ts'
import type { ExportedRecord } from './export-file.ts'

export interface RecordDifference {
  readonly table: TableName
  readonly id: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Names of the fields that differ. */
  readonly fields: readonly string[]
}

/** Compares B with A. Holds the text of all records of A in memory. */
export async function diffRecords(
  a: AsyncIterable<ExportedRecord>,
  b: AsyncIterable<ExportedRecord>,
): Promise<RecordDifference[]> {
  const left = new Map<string, { readonly table: TableName; readonly id: string; readonly text: string }>()
  for await (const { table, record } of a)
    left.set(`${table}/${record.id}`, { table, id: record.id, text: JSON.stringify(record) })
  const found: RecordDifference[] = []
  for await (const { table, record } of b) {
    const key = `${table}/${record.id}`
    const other = left.get(key)
    left.delete(key)
    if (!other) found.push({ table, id: record.id, change: 'added', fields: [] })
    else if (other.text !== JSON.stringify(record)) {
      const fields = differingFields(JSON.parse(other.text), record)
      if (fields.length > 0) found.push({ table, id: record.id, change: 'changed', fields })
    }
  }
  return [...found, ...[...left.values()].map(({ table, id }) => ({ table, id, change: 'removed' as const, fields: [] }))]
}

/** The order of fields is no difference. */
function differingFields(one: object, other: object): string[] {
  const [a, b] = [new Map(Object.entries(one)), new Map(Object.entries(other))]
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => sorted(a.get(name)) !== sorted(b.get(name))).sort()
}

const sorted = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  ) ?? ''
