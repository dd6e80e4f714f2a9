/** The words of a nova-manage command line: flags in either spelling, whatever their order. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'

/** A flag without or with a value; one that is only accepted says why. */
export type ManageFlag = 'switch' | 'value' | { readonly ignored: string; readonly value?: boolean }

export interface Given {
  /** Values by the flag's name with hyphens; '' for switches. */
  readonly flags: ReadonlyMap<string, string>
  readonly words: readonly string[]
  /** Flags of nova itself, as they were given. */
  readonly rest: readonly string[]
}

/** Flags that every nova command takes, with and without a value. */
const novas: ReadonlyMap<string, ManageFlag> = new Map<string, ManageFlag>([
  ...['state', 'project', 'context', 'endpoint', 'format', 'color', 'column'].map((name) => [name, 'value'] as const),
  ...['json', 'no-daemon', 'no-header', 'quiet', 'debug', 'plan', 'dry-run'].map((name) => [name, 'switch'] as const),
])
const letters: ReadonlyMap<string, string> = new Map([
  ['-f', '--format'],
  ['-c', '--column'],
  ['-q', '--quiet'],
])

/** Reads the words behind a command; `invalid` names an unknown flag or one without its value. */
export function givenOf(argv: readonly string[], known: ReadonlyMap<string, ManageFlag>, command: string): Given {
  const flags = new Map<string, string>()
  const words: string[] = []
  const rest: string[] = []
  for (let index = 0; index < argv.length; index += 1) {
    const word = letters.get(argv[index] ?? '') ?? argv[index] ?? ''
    if (!word.startsWith('--')) {
      words.push(word)
      continue
    }
    const [spelled = '', ...equals] = word.slice(2).split('=')
    const name = spelled.replaceAll('_', '-')
    const kind = known.get(name) ?? novas.get(name)
    if (kind === undefined) throw unknownFlag(spelled, known, command)
    const wantsValue = kind === 'value' || (typeof kind === 'object' && kind.value === true)
    if (wantsValue && equals.length === 0) index += 1
    const value = wantsValue ? (equals.length > 0 ? equals.join('=') : argv[index]) : ''
    if (value === undefined) throw new Fault('invalid', `--${spelled} needs a value`, { hint: `nova-manage help ${command}` })
    if (known.has(name)) flags.set(name, value)
    else rest.push(`--${name}`, ...(wantsValue ? [value] : []))
  }
  return { flags, words, rest }
}

function unknownFlag(spelled: string, known: ReadonlyMap<string, ManageFlag>, command: string): Fault {
  const [near] = nearest(spelled.replaceAll('_', '-'), [...known.keys()])
  const hint = near === undefined ? `nova-manage help ${command}` : `did you mean --${near}?`
  return new Fault('invalid', `nova-manage ${command} has no flag --${spelled}`, { hint })
}
