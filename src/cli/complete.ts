/**
 * The words that may come next on a command line, for the shells: commands, flags, values and the names of things.
 * Runs at every press of the tab key: silent when anything fails, and nothing is loaded that the answer does not need.
 */
import { kebab } from './columns.ts'
import type { CommandTable } from './command-table.ts'
import { readContexts } from './contexts.ts'
import type { CommandDescription, ParameterDescription } from './describe-commands.ts'
import { formats } from './formats.ts'
import { namesOf } from './names-of.ts'

const globals = [
  '--format',
  '--json',
  '--column',
  '--no-header',
  '--state',
  '--project',
  '--context',
  '--endpoint',
  '--quiet',
  '--debug',
  '--color',
  '--help',
]
const byEffect = { read: ['--at'], write: ['--plan', '--timeout'], destroy: ['--plan', '--timeout', '--yes'] }
const rowFlags = ['--sort', '--filter', '--limit', '--marker']

/** Candidates for the last of `words`, which may be empty. */
export async function completions(words: readonly string[], env: NodeJS.ProcessEnv, table: CommandTable): Promise<string[]> {
  try {
    const last = words.at(-1) ?? ''
    const found = await candidates(words.slice(0, -1), last, env, table)
    return [...new Set(found)].filter((word) => word.startsWith(last)).slice(0, 1000)
  } catch {
    return []
  }
}

async function candidates(
  before: readonly string[],
  last: string,
  env: NodeJS.ProcessEnv,
  table: CommandTable,
): Promise<string[]> {
  const commands = await table.describe()
  const words = before[0] === 'help' ? before.slice(1) : before
  const found = commandOf(words, commands)
  if (!found) return commandWords(words, commands)
  const { command, length } = found
  const flag = [...command.flags].find(({ label, char }) => [label, `-${char}`].includes(before.at(-1) ?? ''))
  if (flag && flag.kind !== 'boolean') return valuesOf(flag, last, env)
  const common = await globalValues(before.at(-1) ?? '', command, env)
  if (common) return common
  if (last.startsWith('-')) return flagsOf(command)
  const deeper = length === words.length ? commandWords(words, commands) : []
  const place = words.slice(length).filter((word) => !word.startsWith('-')).length
  const arg = command.args[Math.min(place, command.args.length - 1)]
  return [...deeper, ...(arg && (arg.many || place < command.args.length) ? await valuesOf(arg, last, env, command) : [])]
}

function commandOf(words: readonly string[], commands: readonly CommandDescription[]) {
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const id = words.slice(0, length).join(':')
    const command = commands.find((known) => known.id === id || (length === 1 && known.aliases.includes(id)))
    if (command) return { command, length }
  }
  return undefined
}

/** The next word of the commands that begin with these words. */
function commandWords(words: readonly string[], commands: readonly CommandDescription[]): string[] {
  const prefix = words.map((word) => `${word}:`).join('')
  const shown = commands.filter(({ hidden }) => !hidden)
  const next = shown.filter(({ id }) => id.startsWith(prefix)).map(({ id }) => id.slice(prefix.length).split(':')[0] ?? '')
  return words.length > 0 ? next : [...next, ...shown.flatMap(({ aliases }) => aliases), 'help']
}

const flagsOf = ({ flags, effect, isList }: CommandDescription) => [
  ...flags
    .filter(({ hidden }) => !hidden)
    .flatMap(({ label, negatable }) => (negatable ? [label, label.replace('--', '--no-')] : [label])),
  ...globals,
  ...byEffect[effect],
  ...(isList && effect === 'read' ? rowFlags : []),
]

/** Values of a flag that every command has, or undefined when the word before is none of them. */
async function globalValues(
  flag: string,
  { columns }: CommandDescription,
  env: NodeJS.ProcessEnv,
): Promise<string[] | undefined> {
  if (flag === '-f' || flag === '--format') return [...formats]
  if (flag === '--color') return ['auto', 'always', 'never']
  if (['-c', '--column', '--sort', '--filter'].includes(flag)) return columns.map(kebab)
  if (flag === '--context') return readContexts(env).contexts.map(({ name }) => name)
  return ['--state', '--project', '--endpoint', '--timeout', '--at', '--limit', '--marker'].includes(flag) ? [] : undefined
}

async function valuesOf(
  parameter: ParameterDescription,
  prefix: string,
  env: NodeJS.ProcessEnv,
  command?: CommandDescription,
): Promise<string[]> {
  if (parameter.options.length > 0) return [...parameter.options]
  if (parameter.file || parameter.kind === 'integer' || parameter.kind === 'number') return []
  const noun = command?.action?.split('.')[0]
  if (noun === 'context') return readContexts(env).contexts.map(({ name }) => name)
  // A new thing's name cannot be known.
  const verb = command?.action?.split('.')[1] ?? ''
  if (parameter.field === 'name' && ['create', 'add', 'import'].includes(verb)) return []
  return namesOf({ field: parameter.field, noun, prefix }, env)
}
