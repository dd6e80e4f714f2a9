/** The machine formats: JSON, YAML, CSV, plain values and names. Every text from outside is made safe on the way. */
import { type Column, forMachines, labelOf, type Row, valueAt } from './columns.ts'
import { escapeJson, escapeText } from './escape.ts'

export const formats = ['table', 'json', 'yaml', 'csv', 'value', 'name', 'wide', 'junit'] as const
export type Format = (typeof formats)[number]

/** Indented JSON, control characters escaped. */
export const toJson = (value: unknown) => escapeJson(JSON.stringify(value ?? null, null, 2))

/** YAML 1.2; every text is quoted as soon as one of them holds a control character. */
export async function toYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  const text = stringify(value ?? null, { lineWidth: 0 })
  if (escapeJson(text) === text) return text.trimEnd()
  return escapeJson(
    stringify(value, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' }),
  ).trimEnd()
}

/** RFC 4180, one record a line; a text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function toCsv(columns: readonly Column[], rows: readonly Row[], header: boolean): string {
  const head = header ? [columns.map((column) => csvField(labelOf(column))).join(',')] : []
  return [...head, ...rows.map((row) => columns.map((column) => csvValue(valueAt(row, column.key))).join(','))].join('\n')
}

function csvValue(value: unknown): string {
  const text = escapeText(forMachines(value))
  const runs = typeof value !== 'number' && /^[=+\-@\t\r]/.test(text)
  return csvField(runs ? `'${text}` : text)
}
const csvField = (text: string) => (/[",\n\r]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Values apart by one space, one record a line; for `$(nova … -f value -c id)`. */
export const toValues = (columns: readonly Column[], rows: readonly Row[]) =>
  rows.map((row) => columns.map((column) => escapeText(forMachines(valueAt(row, column.key)))).join(' ')).join('\n')

/** One name a line; the id where there is no name. */
export const toNames = (rows: readonly Row[]) =>
  rows.map((row) => escapeText(forMachines(valueAt(row, 'name') ?? valueAt(row, 'id') ?? valueAt(row, 'key')))).join('\n')
