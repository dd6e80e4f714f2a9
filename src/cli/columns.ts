/** Which columns a table has, what stands in them, and how a value is written for people and for machines. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { fromIso } from '../core/time.ts'

/** How people read a number: MiB and GiB as MB and GB, bytes and milliseconds scaled, times relative. */
export type Unit = 'mib' | 'gib' | 'bytes' | 'ms' | 'seconds' | 'time' | 'none'

export interface Column {
  /** A field of the record, or a path such as `flavor.name`. */
  readonly key: string
  /** The heading; the key in capitals when left out. */
  readonly label?: string
  readonly unit?: Unit
  /** What people see instead of the value. */
  readonly text?: (row: Row) => string
}
export type Row = Readonly<Record<string, unknown>>

const units: ReadonlyMap<string, Unit> = new Map([
  ['ram', 'mib'],
  ['memoryMb', 'mib'],
  ['minRam', 'mib'],
  ['swap', 'mib'],
  ['disk', 'gib'],
  ['diskGb', 'gib'],
  ['ephemeral', 'gib'],
  ['minDisk', 'gib'],
  ['size', 'bytes'],
  ['virtualSize', 'bytes'],
  ['durationMs', 'ms'],
])

export const asColumn = (column: string | Column): Column => (typeof column === 'string' ? { key: column } : column)
export const lastPart = (key: string) => key.slice(key.lastIndexOf('.') + 1)
/** `createdAt` → `created-at`: the spelling of flags and of `-c`. */
export const kebab = (word: string) => word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
export const labelOf = (column: Column) => column.label ?? kebab(column.key).replace(/[-.]/g, ' ').toUpperCase()

/** The unit that the column says, or that its name implies. */
export function unitOf(column: Column): Unit {
  const name = lastPart(column.key)
  return column.unit ?? units.get(name) ?? (/(At|Until|Since)$/.test(name) || name === 'at' ? 'time' : 'none')
}

/** The value at a path; only own properties count. */
export function valueAt(row: unknown, key: string): unknown {
  if (typeof row !== 'object' || row === null) return undefined
  if (Object.hasOwn(row, key)) return Reflect.get(row, key)
  const dot = key.indexOf('.')
  return dot < 0 ? undefined : valueAt(valueAt(row, key.slice(0, dot)), key.slice(dot + 1))
}

/** The column that a word of the user's means: key, kebab form or heading, whatever the case. */
export function findColumn(word: string, known: readonly Column[], rows: readonly Row[]): Column {
  const wanted = word.toLowerCase()
  const found = known.find((c) => [c.key, kebab(c.key), labelOf(c)].some((form) => form.toLowerCase() === wanted))
  if (found) return found
  const names = [...new Set([...known.map((c) => c.key), ...rows.slice(0, 1).flatMap((row) => Object.keys(row))])]
  const key = names.find((name) => name.toLowerCase() === wanted || kebab(name) === wanted)
  if (key !== undefined) return { key }
  if (rows.some((row) => valueAt(row, word) !== undefined)) return { key: word }
  const near = nearest(word, names)
  throw new Fault('invalid', `unknown column "${word}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : `columns: ${names.join(', ')}`,
  })
}

/** A value as people read it. */
export function forPeople(value: unknown, unit: Unit, now: number): string {
  if (value === null || value === undefined || value === '') return '-'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number') return withUnit(value, unit)
  if (unit === 'time' && typeof value === 'string') return relativeTime(value, now)
  if (Array.isArray(value) && value.length === 0) return '-'
  if (typeof value === 'object' && !Array.isArray(value)) return fieldsForPeople(value)
  return plain(value, ', ')
}

/** The fields of a record within a record: `name=m1.tiny, ram=512`. */
const fieldsForPeople = (value: object) =>
  Object.entries(value)
    .filter(([, field]) => field !== null && !isEmpty(field))
    .map(([key, field]) => `${key}=${plain(field, ',')}`)
    .join(', ') || '-'
const isEmpty = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** A value as a script reads it: raw numbers, ISO times, empty for null. */
export const forMachines = (value: unknown) => (value === null || value === undefined ? '' : plain(value, ','))

function plain(value: unknown, comma: string): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((item) => (isPair(item) ? `${item[0]}=${item[1]}` : plain(item, comma))).join(comma)
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
const isPair = (item: unknown): item is [string, string] =>
  Array.isArray(item) && item.length === 2 && item.every((part) => typeof part === 'string')

function withUnit(value: number, unit: Unit): string {
  if (unit === 'bytes') return bytes(value)
  if (unit === 'mib') return value === 0 ? '0' : bytes(value * 1024 ** 2)
  if (unit === 'gib') return value === 0 ? '0' : bytes(value * 1024 ** 3)
  if (unit === 'ms') return duration(value)
  if (unit === 'seconds') return duration(value * 1000)
  return String(value)
}

/** 1536 → `1.5 KB`; powers of 1024, as Nova counts. */
export function bytes(count: number): string {
  const names = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
  let power = 0
  let scaled = count
  for (; Math.abs(scaled) >= 1024 && power < names.length - 1; power++) scaled /= 1024
  return `${Number(scaled.toFixed(1))} ${names[power]}`
}

const spans: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]
/** 252000 → `4 min 12 s`: at most two units. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${Number((ms / 1000).toFixed(1))} s`
  const index = spans.findIndex(([, length]) => ms >= length)
  const [name, length] = spans[index] ?? ['s', 1000]
  const next = spans[index + 1]
  const whole = Math.floor(ms / length)
  const rest = next ? Math.floor((ms - whole * length) / next[1]) : 0
  return next && rest > 0 ? `${whole} ${name} ${rest} ${next[0]}` : `${whole} ${name}`
}

/** `2026-01-01T10:00:00.000Z` → `3 min ago`; text that is no time stays. */
export function relativeTime(text: string, now: number): string {
  const at = fromIso(text)
  if (Number.isNaN(at)) return text
  const [first = ''] = duration(Math.abs(now - at)).match(/^[\d.]+ \S+/) ?? []
  if (Math.abs(now - at) < 1000) return 'now'
  return at <= now ? `${first} ago` : `in ${first}`
}
