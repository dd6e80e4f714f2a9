/** How the shown lines of a page are compared with what its commands print. */
import { describe, expect, it } from 'vitest'
import { commandsOf, exitCodeOf, missingLine, withOutput } from '../../support/console-page.ts'

const page = [
  '# Title',
  '```console',
  '$ nova a',
  'one',
  '…',
  '$ nova b \\',
  '> --flag',
  '```',
  '```sh',
  '$ not run',
  '```',
].join('\n')

describe('a console page', () => {
  it('has the commands of its console blocks, with their lines', () => {
    expect(commandsOf(page)).toEqual([
      { line: 3, command: 'nova a', shown: ['one', '…'] },
      { line: 6, command: 'nova b \\\n--flag', shown: [] },
    ])
  })

  it('shows the exit code of the error it ends with', () => {
    expect(exitCodeOf({ line: 1, command: '', shown: ['error: x', 'exit code 6 (no-valid-host) · request req-1'] })).toBe(6)
    expect(exitCodeOf({ line: 1, command: '', shown: ['fine'] })).toBe(0)
  })

  it('is kept when every shown line is printed in order', () => {
    expect(missingLine(['b', '…', 'd'], 'a\nb\nc\nd\n')).toBeUndefined()
    expect(missingLine(['d', 'b'], 'a\nb\nc\nd\n')).toBe('b')
    expect(missingLine(['needs 12 MB, …'], 'needs 12 MB, 3 MB free\n')).toBeUndefined()
    expect(missingLine(['needs 12 MB'], 'needs 12 MB, 3 MB free\n')).toBe('needs 12 MB')
  })

  it('does not mind ids, times and padding', () => {
    const shown = ['5b2f6c2e-64f0-4b4b-9a35-0e9c9d0f8a11  web-1  3.6 s ago', 'at 2026-01-01T00:00:00.000Z']
    const output = '0d6a4a0b-7a0e-4b8e-8a4c-2f6f1c1d9f10  web-1      12 min 3 s ago\nat 2027-02-02T10:00:00.123Z\n'
    expect(missingLine(shown, output)).toBeUndefined()
    expect(missingLine(['512 MB'], '513 MB\n')).toBe('512 MB')
  })

  it('takes new output under a command and leaves the rest', () => {
    const whole = page.replace('one\n…', 'one')
    const [first] = commandsOf(whole)
    if (!first) throw new Error('the page has a command')
    expect(withOutput(whole, new Map([[first, 'new\nlines\n']]))).toBe(whole.replace('one', 'new\nlines'))
  })

  it('shows the same part of new output', () => {
    const cut = ['```console', '$ nova a', 'name  web-1', '…', 'host  here', '```'].join('\n')
    const [first] = commandsOf(cut)
    if (!first) throw new Error('the page has a command')
    expect(withOutput(cut, new Map([[first, 'name  web-1\nstate  up\nhost  there\n']]))).toBe(cut.replace('here', 'there'))
  })
})
