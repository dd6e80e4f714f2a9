import { describe, expect, it } from 'vitest'
import { bytes, duration, findColumn, forMachines, forPeople, relativeTime, unitOf, valueAt } from '../../../src/cli/columns.ts'

const now = Date.parse('2026-01-01T12:00:00Z')

describe('numbers for people', () => {
  it.each([
    [512 * 1024 ** 2, '512 MB'],
    [1536, '1.5 KB'],
    [0, '0 B'],
    [1023, '1023 B'],
  ])('writes %d bytes as %s', (count, text) => expect(bytes(count)).toBe(text))

  it.each([
    [12, '12 ms'],
    [1234, '1.2 s'],
    [252_000, '4 min 12 s'],
    [3_600_000, '1 h'],
    [90_000_000, '1 d 1 h'],
  ])('writes %d ms as %s', (ms, text) => expect(duration(ms)).toBe(text))

  it('knows the unit by the name of the column', () => {
    expect(forPeople(2048, unitOf({ key: 'flavor.ram' }), now)).toBe('2 GB')
    expect(forPeople(20, unitOf({ key: 'disk' }), now)).toBe('20 GB')
  })
})

describe('times', () => {
  it.each([
    ['2026-01-01T11:57:00Z', '3 min ago'],
    ['2026-01-01T11:59:59.500Z', 'now'],
    ['2026-01-01T14:00:00Z', 'in 2 h'],
    ['2025-12-30T12:00:00Z', '2 d ago'],
    ['no time', 'no time'],
  ])('writes %s as %s', (text, said) => expect(relativeTime(text, now)).toBe(said))
})

describe('values', () => {
  it('writes pairs, lists, nothing and truth', () => {
    expect(
      forPeople(
        [
          ['a', '1'],
          ['b', '2'],
        ],
        'none',
        now,
      ),
    ).toBe('a=1, b=2')
    expect(forPeople([], 'none', now)).toBe('-')
    expect(forPeople(null, 'none', now)).toBe('-')
    expect(forPeople({ name: 'm1', extra: {}, none: null, ram: 1 }, 'none', now)).toBe('name=m1, ram=1')
    expect(forPeople({}, 'none', now)).toBe('-')
    expect(forPeople(true, 'none', now)).toBe('yes')
    expect(forMachines(null)).toBe('')
    expect(forMachines(['x', 'y'])).toBe('x,y')
  })

  it('reads own properties only', () => {
    expect(valueAt({ flavor: { name: 'm1' } }, 'flavor.name')).toBe('m1')
    expect(valueAt({}, 'constructor')).toBeUndefined()
    expect(valueAt({}, '__proto__.x')).toBeUndefined()
  })
})

describe('findColumn', () => {
  const rows = [{ createdAt: 'x', flavor: { name: 'm1' } }]
  it('takes key, kebab form, heading and path in any case', () => {
    expect(findColumn('created-at', [], rows).key).toBe('createdAt')
    expect(findColumn('SIZE', [{ key: 'flavor.disk', label: 'Size' }], rows).key).toBe('flavor.disk')
    expect(findColumn('flavor.name', [], rows).key).toBe('flavor.name')
  })

  it('names what is near', () => {
    expect(() => findColumn('nam', [{ key: 'name' }], [])).toThrowError(
      expect.objectContaining({ kind: 'invalid', hint: 'did you mean name?' }),
    )
  })
})
