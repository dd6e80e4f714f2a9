/** Turns an action's output into the text that stdout gets, in the format that was asked for. */
import { asColumn, type Column, findColumn, forPeople, kebab, labelOf, type Row, unitOf, valueAt } from './columns.ts'
import { type Format, toCsv, toJson, toNames, toValues, toYaml } from './formats.ts'
import type { Screen } from './screen.ts'
import { type Cell, properties, table } from './table.ts'

/** How the user wants to see it. */
export interface View {
  readonly format: Format
  /** `-c`, in order; empty means the command's own. */
  readonly columns: readonly string[]
  readonly header: boolean
}

/** What the command says about its result. */
export interface Layout {
  readonly columns?: readonly (string | Column)[] | undefined
  readonly wide?: readonly (string | Column)[] | undefined
}

/** Every column the user may name. */
export const knownColumns = (layout: Layout): Column[] => [...(layout.columns ?? []), ...(layout.wide ?? [])].map(asColumn)

/** The text for stdout without a last line end; empty when there is nothing to show. */
export async function render(output: unknown, layout: Layout, view: View, screen: Screen): Promise<string> {
  if (Array.isArray(output)) return renderList(output.map(asRow), layout, view, screen)
  if (typeof output !== 'object' || output === null) return renderScalar(output, view)
  return renderRecord(asRow(output), layout, view, screen)
}

const asRow = (item: unknown): Row => (isRow(item) ? item : { value: item })
const isRow = (item: unknown): item is Row => typeof item === 'object' && item !== null && !Array.isArray(item)

async function renderScalar(output: unknown, view: View): Promise<string> {
  if (view.format === 'json') return toJson(output)
  if (view.format === 'yaml') return toYaml(output)
  return output === undefined || output === null ? '' : toValues([{ key: 'value' }], [{ value: output }])
}

async function renderList(rows: readonly Row[], layout: Layout, view: View, screen: Screen): Promise<string> {
  const columns = columnsOf(rows, layout, view)
  if (view.format === 'json') return toJson(picked(rows, columns, view))
  if (view.format === 'yaml') return toYaml(picked(rows, columns, view))
  if (view.format === 'csv') return toCsv(columns, rows, view.header)
  if (view.format === 'value') return toValues(columns, rows)
  if (view.format === 'name') return toNames(rows)
  if (columns.length === 0) return ''
  const show = cellsOf(columns, screen)
  const cells = rows.map((row) => show.map((cell) => cell(row)))
  return table(view.header ? columns.map(labelOf) : undefined, cells, screen)
}

async function renderRecord(row: Row, layout: Layout, view: View, screen: Screen): Promise<string> {
  const columns = view.format === 'csv' || view.columns.length > 0 ? columnsOf([row], layout, view) : recordColumns(row, layout)
  if (view.format === 'json') return toJson(picked([row], columns, view)[0])
  if (view.format === 'yaml') return toYaml(picked([row], columns, view)[0])
  if (view.format === 'csv') return toCsv(columns, [row], view.header)
  if (view.format === 'value') return columns.map((column) => toValues([column], [row])).join('\n')
  if (view.format === 'name') return toNames([row])
  const show = cellsOf(columns, screen)
  return properties(
    columns.map((column, index) => [column.label ?? kebab(column.key).replace(/[-.]/g, ' '), show[index]?.(row).text ?? '']),
    screen,
  )
}

/** A single record shows all it has, the command's columns first. */
function recordColumns(row: Row, layout: Layout): Column[] {
  const known = knownColumns(layout)
  const shown = new Set(known.map((column) => column.key.split('.')[0]))
  const others = Object.keys(row).filter((key) => !shown.has(key) && key !== 'generation')
  return [...known.filter((column) => valueAt(row, column.key) !== undefined || column.text), ...others.map((key) => ({ key }))]
}

function columnsOf(rows: readonly Row[], layout: Layout, view: View): Column[] {
  if (view.columns.length > 0) return view.columns.map((word) => findColumn(word, knownColumns(layout), rows))
  const own = (layout.columns ?? []).map(asColumn)
  if (own.length === 0) return Object.keys(rows[0] ?? {}).map(asColumn)
  return view.format === 'wide' ? knownColumns(layout) : own
}

/** JSON and YAML hold every field, or those named with `-c`. */
const picked = (rows: readonly Row[], columns: readonly Column[], view: View): readonly Row[] =>
  view.columns.length === 0
    ? rows
    : rows.map((row) => Object.fromEntries(columns.map((column) => [column.key, valueAt(row, column.key) ?? null])))

/** One function for each column; what does not depend on the row is worked out once. */
function cellsOf(columns: readonly Column[], screen: Screen): ((row: Row) => Cell)[] {
  const { now } = screen
  return columns.map((column) => {
    const { key, text } = column
    const unit = unitOf(column)
    return (row) => {
      const value = valueAt(row, key)
      return { text: text ? text(row) : forPeople(value, unit, now), right: typeof value === 'number' }
    }
  })
}
