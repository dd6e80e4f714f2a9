import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { toCsv, toJson, toNames, toValues, toYaml } from '../../../src/cli/formats.ts'

const columns = [{ key: 'name' }, { key: 'note' }, { key: 'n' }]

describe('CSV', () => {
  it('quotes commas, quotes and line ends', () => {
    expect(toCsv(columns, [{ name: 'a,b', note: 'say "x"', n: 1 }], true)).toBe('NAME,NOTE,N\n"a,b","say ""x""",1')
  })

  it.each(['=cmd()', '+1', '-1+2', '@x'])('defuses the formula %s', (note) => {
    expect(toCsv([{ key: 'note' }], [{ note }], false)).toBe(`'${note}`)
  })

  it('leaves negative numbers alone', () => expect(toCsv([{ key: 'n' }], [{ n: -1 }], false)).toBe('-1'))
})

describe('JSON and YAML', () => {
  const hostile = { name: 'a\u001b[0m\u202eb', none: null, list: [] }
  it('round-trip what a terminal must not see raw', async () => {
    for (const text of [toJson(hostile), await toYaml(hostile)]) {
      expect(text).toMatch(/^[ -~\n]*$/)
      expect(parse(text)).toEqual(hostile)
    }
  })

  it('write an empty list as one', async () => {
    expect(toJson([])).toBe('[]')
    expect(await toYaml([])).toBe('[]')
  })
})

describe('value and name', () => {
  it('write one record a line', () => {
    expect(
      toValues(
        [{ key: 'id' }, { key: 'n' }],
        [
          { id: 'x', n: 1 },
          { id: 'y', n: null },
        ],
      ),
    ).toBe('x 1\ny ')
    expect(toNames([{ id: 'x', name: 'one' }, { id: 'y' }])).toBe('one\ny')
  })
})
