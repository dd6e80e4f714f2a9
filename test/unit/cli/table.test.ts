import { describe, expect, it } from 'vitest'
import { properties, table } from '../../../src/cli/table.ts'
import { shorten, textWidth, wrap } from '../../../src/cli/text-width.ts'
import { aScreen } from '../../support/a-screen.ts'

const rows = [
  [{ text: 'web-1' }, { text: '512', right: true }, { text: 'a description that is rather long' }],
  [{ text: 'db' }, { text: '16384', right: true }, { text: 'short' }],
]

describe('table', () => {
  it('aligns, numbers to the right', () => {
    expect(table(['NAME', 'RAM', 'TEXT'], rows, aScreen())).toBe(
      ['NAME   RAM    TEXT', 'web-1    512  a description that is rather long', 'db     16384  short'].join('\n'),
    )
  })

  it('fits the terminal and cuts nothing in a pipe', () => {
    const narrow = table(['NAME', 'RAM', 'TEXT'], rows, aScreen({ width: 30 }))
    expect(narrow.split('\n').every((line) => textWidth(line) <= 30)).toBe(true)
    expect(narrow).toContain('a description t…')
    expect(table(undefined, rows, aScreen())).toContain('a description that is rather long')
  })

  it('leaves the heading out', () => expect(table(undefined, rows, aScreen())).not.toContain('NAME'))

  it('shows a hostile name harmlessly', () => {
    expect(table(['NAME'], [[{ text: '\u001b[2Jx\ny' }]], aScreen())).toBe('NAME\n\\e[2Jx\\ny')
  })

  it('counts wide and combining characters in cells', () => {
    expect(textWidth('服务器')).toBe(6)
    expect(textWidth('e\u0301')).toBe(1)
    expect(shorten('服务器服务器', 6)).toBe('服务…')
  })

  it('copes with a hundred thousand rows', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => [{ text: `n${index}` }])
    expect(table(['N'], many, aScreen()).split('\n')).toHaveLength(100_001)
  })
})

describe('properties', () => {
  it('wraps a long value on a terminal only', () => {
    const pairs = [['name', 'one two three four five six seven eight']] as const
    expect(properties(pairs, aScreen({ width: 30 }))).toBe('name  one two three four five\n      six seven eight')
    expect(properties(pairs, aScreen())).toBe('name  one two three four five six seven eight')
  })
})

describe('wrap', () => {
  it('cuts a word that has no space', () => expect(wrap('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']))
})
