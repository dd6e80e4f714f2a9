import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { item, manPage, roff, section } from '../../../scripts/docs/roff.ts'

describe('text of man pages', () => {
  it('takes nothing for a request or an escape', () => {
    expect(roff('.so file')).toBe('\\&.so file')
    expect(roff("'quoted'")).toBe("\\&'quoted'")
    expect(roff('a\\b --flag')).toBe('a\\eb \\-\\-flag')
  })

  it('stays on its line', () => expect(roff('one\n.SH two')).toBe('one .SH two'))

  it.skipIf(spawnSync('groff', ['--version']).status !== 0)('is set by groff without a warning', () => {
    const text = manPage('nova-x', '1.0', [section('NAME'), roff('nova-x - does \\n .x'), item('--[no-]wait', "'wait' … for it")])
    const { status, stderr, stdout } = spawnSync('groff', ['-man', '-ww', '-Tutf8'], { input: text, encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain('does \\n .x')
  })
})
