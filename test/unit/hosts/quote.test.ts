import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { quote } from '../../../src/hosts/quote.ts'
import { fc } from '../../support/property.ts'

const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '`', ' ', '\n', '!', '*', '~', '#', '=', '-', 'a'), maxLength: 20 }),
  fc.constantFrom('if', 'case', 'a=b', 'for', 'time', '!', '{', '[[', '-n', '$(id)', '\r\n', '\u202e'),
)
const argvs = fc.array(
  fc.array(
    word.map((text) => text.replaceAll('\0', '')),
    { minLength: 1, maxLength: 8 },
  ),
  { minLength: 200, maxLength: 200 },
)
const shells = ['dash', 'bash', 'busybox'].filter((shell) => {
  try {
    execFileSync('which', [shell])
    return true
  } catch {
    return false
  }
})

function wordsBack(shell: string, lists: readonly (readonly string[])[]): string[][] {
  const script = lists.map((argv) => `printf '%s\\0' ${argv.length} ${quote(argv)}\n`).join('')
  const args = shell === 'busybox' ? ['sh', '-s'] : ['-s']
  const parts = execFileSync(shell, args, { input: script, maxBuffer: 64 * 1024 * 1024 })
    .toString('utf8')
    .split('\0')
  const lists2: string[][] = []
  for (let at = 0; at < parts.length - 1; ) {
    const length = Number(parts[at])
    lists2.push(parts.slice(at + 1, at + 1 + length))
    at += 1 + length
  }
  return lists2
}

describe('quote', () => {
  it.each(shells)('S12 is split by %s into exactly the same words', (shell) => {
    fc.assert(
      fc.property(argvs, (lists) => {
        expect(wordsBack(shell, lists)).toEqual(lists)
      }),
      { numRuns: 30 },
    )
  })

  it.each(shells)('never lets the first word be a keyword or an assignment of %s', (shell) => {
    const script = ['if', 'a=b', 'for', 'time', 'case', '!', '{', '[[']
      .map((first) => `${quote([first, 'x'])} 2>/dev/null; echo $?\n`)
      .join('')
    const codes = execFileSync(shell, shell === 'busybox' ? ['sh', '-s'] : ['-s'], { input: script })
      .toString()
      .trim()
      .split('\n')
    expect(codes).toHaveLength(8)
    expect(codes.filter((code) => code === '0')).toEqual([])
  })

  it('leaves plain words as they are', () => {
    expect(quote(['qemu-img', 'create', '-f', 'qcow2', '/a/b.qcow2', 'if=x', 'it is'])).toBe(
      "qemu-img create -f qcow2 /a/b.qcow2 if=x 'it is'",
    )
  })

  it('S12 refuses an empty command and a NUL', () => {
    expect(() => quote([])).toThrow(/at least one word/)
    expect(() => quote(['a', 'b\0'])).toThrow(/word 2 .* NUL/)
  })
})
