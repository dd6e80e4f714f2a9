import { describe, expect, it } from 'vitest'
import { parseIsoTime } from '../../../src/state/iso-time.ts'

describe('parseIsoTime', () => {
  it.each([
    ['2026-01-31', '2026-01-31T00:00:00.000Z'],
    ['2026-01-31T12:30', '2026-01-31T12:30:00.000Z'],
    ['2026-01-31 12:30:15', '2026-01-31T12:30:15.000Z'],
    ['2026-01-31T12:30:15.25+02:00', '2026-01-31T10:30:15.250Z'],
  ])('reads %s as %s', (text, expected) => {
    expect(parseIsoTime(text)).toBe(Date.parse(expected))
  })

  it.each(['', 'now', '2026', '2026-13-01', '2026-01-31T25:00Z', '9'.repeat(1000)])('refuses %j', (text) => {
    expect(() => parseIsoTime(text)).toThrow('is not in the form')
  })
})
