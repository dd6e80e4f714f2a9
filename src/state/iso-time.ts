/** ISO 8601 times without `Date`, which belongs to the clock's adapter. */
import { Fault } from '../core/fault.ts'

const dayMs = 86_400_000
const form = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** Milliseconds since the epoch as `2026-01-31T12:00:00.000Z`. */
export function isoTime(ms: number): string {
  const whole = Math.floor(ms)
  const days = Math.floor(whole / dayMs)
  const rest = whole - days * dayMs
  const [year, month, day] = civilOf(days)
  const clock = [pad(rest / 3_600_000), pad((rest / 60_000) % 60), pad((rest / 1000) % 60)].join(':')
  return `${pad(year, 4)}-${pad(month)}-${pad(day)}T${clock}.${pad(rest % 1000, 3)}Z`
}

/** Milliseconds since the epoch of an ISO 8601 time (UTC unless it names an offset); `invalid` when it is none. */
export function parseIsoTime(text: string): number {
  const found = form.exec(text.length > 40 ? '' : text)
  if (!found) throw new Fault('invalid', `time ${text.slice(0, 40)} is not in the form 2026-01-31T12:00:00Z`)
  const part = (index: number) => Number(found[index] ?? 0)
  const ms = Number((found[7] ?? '').padEnd(3, '0').slice(0, 3))
  const minutes = part(4) * 60 + part(5) - offsetMinutes(found[8])
  return daysOf(part(1), part(2), part(3)) * dayMs + minutes * 60_000 + part(6) * 1000 + ms
}

function offsetMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return zone.startsWith('-') ? -minutes : minutes
}

const pad = (value: number, width = 2) => String(Math.floor(value)).padStart(width, '0')

/** Year, month and day of a day number: Howard Hinnant's civil_from_days. */
function civilOf(days: number): [number, number, number] {
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day]
}

function daysOf(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year
  const era = Math.floor(shiftedYear / 400)
  const yearOfEra = shiftedYear - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}
