/** ISO 8601 times that users give: strict, and UTC unless they name an offset. */
import { Fault } from '../core/fault.ts'
import { fromIso } from '../core/time.ts'

const form = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** Milliseconds since the epoch; `invalid` when the text is no ISO 8601 time. */
export function parseIsoTime(text: string): number {
  const found = form.exec(text.length > 40 ? '' : text)
  // Without a zone, Date.parse would take the machine's own for a time but UTC for a date.
  const hasBareTime = found !== null && text.length > 10 && found[1] === undefined
  const ms = found ? fromIso(hasBareTime ? `${text}Z` : text) : Number.NaN
  if (Number.isNaN(ms)) throw new Fault('invalid', `time ${text.slice(0, 40)} is not in the form 2026-01-31T12:00:00Z`)
  return ms
}
