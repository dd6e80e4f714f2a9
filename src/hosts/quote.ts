/** The only place where text becomes part of a shell command. */
import { Fault } from '../core/fault.ts'

const plain = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/
const reserved = new Set([
  'case',
  'do',
  'done',
  'elif',
  'else',
  'esac',
  'fi',
  'for',
  'function',
  'if',
  'in',
  'select',
  'then',
  'time',
  'until',
  'while',
])

const inQuotes = (word: string) => `'${word.replaceAll("'", "'\\''")}'`

/** A command line that any POSIX shell splits back into exactly `argv`. Fault `invalid` for an empty argv or a NUL. */
export function quote(argv: readonly string[]): string {
  if (argv.length === 0) throw new Fault('invalid', 'a command needs at least one word')
  return argv.map(quoteWord).join(' ')
}

function quoteWord(word: string, position: number): string {
  if (word.includes('\0'))
    throw new Fault('invalid', `word ${position + 1} of a command has a NUL character, which no command can take`)
  // The first word of a line must not read as an assignment or a keyword.
  const isSpecial = position === 0 && (word.includes('=') || reserved.has(word))
  return plain.test(word) && !isSpecial ? word : inQuotes(word)
}

const longestScript = 120

/** A command for a person: of a long script what it is given says more than its text. */
export function shown(argv: readonly string[]): string {
  const [program, option, script = '', ...rest] = argv
  return program === 'sh' && option === '-c' && script.length > longestScript ? `sh -c … ${quote(rest)}` : quote(argv)
}
