import { describe, expect, it } from 'vitest'
import { versionNumber, versionPredicate } from '../../../src/scheduler/version.ts'

describe('versions', () => {
  it.each([
    ['>=6.0,<9', '8.2.1', true],
    ['>=8.10', '8.9', false],
    ['==8.2', '8.2.0', true],
    ['!=8.2', '8.2.1', true],
    ['> 8.2', '8.2', false],
    ['<=8', '8.0.1', false],
    ['>=8', '8.2.2 (Debian 1:8.2.2)', true],
  ])('%s holds for %s: %s', (text, version, expected) => {
    expect(versionPredicate('p', text)(version)).toBe(expected)
  })

  it.each(['', '8', '~8', '>=', '>=8,', `>=${'9'.repeat(300)}`, '(a+)+$'])('refuses %j', (text) => {
    expect(() => versionPredicate('p', text)).toThrow(expect.objectContaining({ kind: 'invalid' }))
  })

  it('numbers versions as Nova does', () => {
    expect(['8.2.1', '10', 'none'].map(versionNumber)).toEqual([8_002_001, 10_000_000, 0])
  })
})
