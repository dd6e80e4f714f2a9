import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { killCommand, remoteCommand, splitPid } from '../../../src/hosts/ssh-command.ts'
import { fc } from '../../support/property.ts'

const shells = ['dash', 'bash']
const through = (shell: string, argv: readonly string[]) =>
  execFileSync(shell, ['-c', remoteCommand('h1', argv, 1000, false)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

describe('the line for a login shell', () => {
  it.each(shells)('reaches the program word by word through %s', (shell) => {
    const word = fc.string({ unit: 'grapheme-ascii', maxLength: 20 })
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), (words) => {
        expect(
          through(shell, ['printf', '%s\\0', ...words])
            .split('\0')
            .slice(0, -1),
        ).toEqual(words)
      }),
      { numRuns: 25 },
    )
  })

  it('refuses what no host takes', () => {
    expect(() => remoteCommand('h1', ['echo', 'a\0b'], 1000, false)).toThrow('NUL')
    expect(() => remoteCommand('h1', [], 1000, false)).toThrow('at least one word')
    expect(() => remoteCommand('h1', ['echo', 'x'.repeat(130_000)], 1000, false)).toThrow(
      /has \d+ bytes, a host takes at most 122880/,
    )
  })

  it('goes through sudo when it must', () => {
    expect(remoteCommand('h1', ['true'], 1000, true)).toMatch(/^exec sudo -n -- sh -c /)
    expect(killCommand(7, true)).toMatch(/^sudo -n -- sh -c .* 7$/)
  })
})

describe('the number of a command', () => {
  it('comes before its stderr, after whatever a login shell says', () => {
    const found = splitPid(Buffer.from('Welcome!\nnova-pid 123\nreal stderr\nnova-pid 9\n'))
    expect(found).toMatchObject({ pid: 123 })
    expect(String(found?.rest)).toBe('real stderr\nnova-pid 9\n')
  })

  it.each(['', 'nova-pid 12', 'nova-pid x\n', 'xnova-pid 1\n', 'nova-pid 99999999999\n'])('is not in %j', (text) => {
    expect(splitPid(Buffer.from(text))).toBeUndefined()
  })
})
