/** `--filter`, `--sort`, `--marker` and `--limit` over a list, for what the action did not do itself. */
import { Fault } from '../core/fault.ts'
import { type Column, findColumn, forMachines, type Row, valueAt } from './columns.ts'

export interface Selection {
  /** `key=value` each; `*` stands for any text, `!=` for the opposite. All must hold. */
  readonly filters: readonly string[]
  /** `name`, `name:asc` or `name:desc`; several apart by commas. */
  readonly sort: string | undefined
  readonly marker: string | undefined
  readonly limit: number | undefined
}

/** The rows that are asked for, in the order asked for. Unknown columns and markers are `invalid` faults. */
export function selectRows(rows: readonly Row[], columns: readonly Column[], selection: Selection): Row[] {
  const tests = selection.filters.map((filter) => testOf(filter, columns, rows))
  const kept = rows.filter((row) => tests.every((test) => test(row)))
  const sorted = selection.sort === undefined ? kept : sortRows(kept, columns, selection.sort)
  const from = selection.marker === undefined ? 0 : indexAfter(sorted, selection.marker)
  return sorted.slice(from, selection.limit === undefined ? undefined : from + selection.limit)
}

function testOf(filter: string, columns: readonly Column[], rows: readonly Row[]): (row: Row) => boolean {
  const [, key, not, wanted] = /^([^=!]+)(!?)=(.*)$/s.exec(filter) ?? []
  if (key === undefined || wanted === undefined)
    throw new Fault('invalid', `--filter "${filter}" is not key=value`, { hint: '--filter status=ACTIVE' })
  if (rows.length === 0) return () => true
  const column = findColumn(key, columns, rows)
  const pattern = new RegExp(`^${wanted.split('*').map(literal).join('.*')}$`, 'is')
  return (row) => pattern.test(forMachines(valueAt(row, column.key))) === (not === '')
}
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function sortRows(rows: readonly Row[], columns: readonly Column[], sort: string): Row[] {
  const keys = sort.split(',').map((part) => {
    const [word = '', direction = 'asc'] = part.split(':')
    if (direction !== 'asc' && direction !== 'desc')
      throw new Fault('invalid', `--sort "${part}" ends in "${direction}"`, { hint: 'use name:asc or name:desc' })
    return { key: rows.length === 0 ? word : findColumn(word, columns, rows).key, sign: direction === 'asc' ? 1 : -1 }
  })
  return [...rows].sort((a, b) => {
    for (const { key, sign } of keys) {
      const order = compare(valueAt(a, key), valueAt(b, key))
      if (order !== 0) return order * sign
    }
    return 0
  })
}

/** Numbers by size, text by its numbers and letters (`web-2` before `web-10`), nothing last. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [forMachines(a), forMachines(b)]
  if (left === '' || right === '') return Number(left === '') - Number(right === '')
  return naturally(left, right)
}

function naturally(a: string, b: string): number {
  const [left, right] = [a.toLowerCase().match(/\d+|\D+/g) ?? [], b.toLowerCase().match(/\d+|\D+/g) ?? []]
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x = '', y = ''] = [left[index], right[index]]
    const numbers = /^\d/.test(x) && /^\d/.test(y) ? Number(x) - Number(y) : 0
    if (numbers !== 0) return numbers
    if (x !== y) return x < y ? -1 : 1
  }
  return left.length - right.length || (a < b ? -1 : Number(a > b))
}

function indexAfter(rows: readonly Row[], marker: string): number {
  const index = rows.findIndex((row) => valueAt(row, 'id') === marker || valueAt(row, 'name') === marker)
  if (index < 0) throw new Fault('not-found', `no record with a name or id of "${marker}" to list after`)
  return index + 1
}
