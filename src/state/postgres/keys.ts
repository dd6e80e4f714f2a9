/** The values by which records are found, beside each record, and the indexes over them: derived from the tables' shapes. */
import { type TableName, tableNames, tableShapes } from '../../model/tables.ts'
import { fieldOf } from '../matching.ts'
import type { StoredRecord } from '../record.ts'

/** Longer values are found by looking at the records: an index row has little room. */
const longestKey = 500

/** The JSON of a value, in which no character is one that PostgreSQL refuses; undefined when it is not indexed. */
export function keyText(value: unknown): string | undefined {
  if (value === null || typeof value === 'object') return undefined
  const text = JSON.stringify(value)
  return text === undefined || text.length > longestKey ? undefined : text
}

/** What is written into `keys`: field names with the JSON of their values. */
export function keysOf(table: TableName, record: StoredRecord): string {
  const found = fieldsOf(table).flatMap((field) => {
    const key = keyText(fieldOf(record, field))
    return key === undefined ? [] : [[field, key] as const]
  })
  return JSON.stringify(Object.fromEntries(found))
}

export const isIndexed = (table: TableName, field: string) => fieldsOf(table).includes(field)

/** Names the fields of all tables; another text means that the keys must be made again. */
export const shapesText = () => JSON.stringify(tableNames.map((table) => [table, fieldsOf(table)]))

/** Statements that make the indexes that are missing. Field names are those of our own declarations. */
export function indexStatements(): string[] {
  const fields = [...new Set(tableNames.flatMap(fieldsOf))]
  const plain = fields.map(
    (field) =>
      `CREATE INDEX IF NOT EXISTS "versions_by_${field}" ON versions ((tbl || ''), (keys->>'${field}'), seq) ` +
      `WHERE until IS NULL AND (keys->>'${field}') IS NOT NULL`,
  )
  const unique = tableNames.flatMap((table) =>
    tableShapes[table].unique.map(
      (field) =>
        `CREATE UNIQUE INDEX IF NOT EXISTS "versions_unique_${table}_${field}" ON versions ((keys->>'${field}')) ` +
        `WHERE until IS NULL AND tbl = '${table}' AND (keys->>'${field}') IS NOT NULL`,
    ),
  )
  return [...plain, ...unique]
}

function fieldsOf(table: TableName): string[] {
  const { indexes, unique }: { indexes: readonly string[]; unique: readonly string[] } = tableShapes[table]
  return [...new Set([...indexes, ...unique])].sort()
}
