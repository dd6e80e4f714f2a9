import { describe, expect, it } from 'vitest'
import { escapeBlock, escapeDeep, escapeJson, escapeText } from '../../../src/cli/escape.ts'

const hostile = 'a\u001b[31mb\u009b2Jc\rd\u202ee\u0000f\u2066'

describe('escapeText', () => {
  it('writes out ESC, C0, C1, CR and bidirectional controls', () => {
    expect(escapeText(hostile)).toBe('a\\e[31mb\\u009b2Jc\\rd\\u202ee\\u0000f\\u2066')
  })

  it('keeps a name of any script on one line', () => {
    expect(escapeText('сервер 服务器 \n x')).toBe('сервер 服务器 \\n x')
  })
})

describe('escapeBlock', () => {
  it('keeps line ends and tabs only', () => expect(escapeBlock('a\r\nb\tc\u001bd')).toBe('a\nb\tc\\ed'))
})

describe('escapeJson', () => {
  it('gives JSON that parses back to the same text and holds no control character', () => {
    const json = escapeJson(JSON.stringify({ name: hostile }))
    expect(json).toMatch(/^[ -~]*$/)
    expect(JSON.parse(json)).toEqual({ name: hostile })
  })
})

describe('escapeDeep', () => {
  it('reaches keys and values of nested data', () => {
    expect(escapeDeep({ list: [{ 'k\u001b': 'v\u001b' }], n: 1, none: null })).toEqual({
      list: [{ 'k\\e': 'v\\e' }],
      n: 1,
      none: null,
    })
  })
})
