/** `nova help`: one page for everything, one for a topic, one for a command with an example first. */
import { Fault } from '../core/fault.ts'
import { nearest } from '../core/nearest.ts'
import { commandTable } from './command-table.ts'
import type { CommandDescription, ParameterDescription } from './describe-commands.ts'
import { globalHelp } from './global-help.ts'
import type { Screen } from './screen.ts'
import { pad, wrap } from './text-width.ts'

/** Prints the help that the words ask for; an unknown word is an `invalid` fault. */
export async function showHelp(words: readonly string[], screen: Screen): Promise<number> {
  const wanted = words.filter((word, index) => !word.startsWith('-') && !(index === 0 && word === 'help'))
  const commands = await commandTable.describe()
  if (wanted.length === 0) {
    screen.out(`${overview(commands, screen)}\n`)
    return 0
  }
  const command = commandOf(wanted, commands)
  if (command) screen.out(`${commandHelp(command, screen)}\n`)
  else if (!(await showTopic(wanted, screen))) throw await unknownCommand(wanted)
  return 0
}

/** The command that leading words name, by id or alias. */
function commandOf(words: readonly string[], commands: readonly CommandDescription[]): CommandDescription | undefined {
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const id = words.slice(0, length).join(':')
    const found = commands.find((command) => command.id === id)
    if (found) return found
  }
  return commands.find((command) => command.aliases.includes(words[0] ?? ''))
}

/** Prints the commands below a topic such as `server`; false when there is no such topic. */
export async function showTopic(argv: readonly string[], screen: Screen): Promise<boolean> {
  const words = argv.filter((word) => !word.startsWith('-'))
  const below = (await commandTable.describe()).filter(({ id, hidden }) => !hidden && id.startsWith(`${words.join(':')}:`))
  if (words.length === 0 || below.length === 0) return false
  screen.out(
    [
      heading(`nova ${words.join(' ')}`, screen),
      ...listing(below, screen),
      '',
      `nova help ${words.join(' ')} VERB says more`,
      '',
    ].join('\n'),
  )
  return true
}

/** The fault for words that name nothing, with what they may have meant. */
export async function unknownCommand(argv: readonly string[]): Promise<Fault> {
  const words = argv.slice(
    0,
    argv.findIndex((word) => word.startsWith('-')) < 0
      ? 2
      : Math.min(
          2,
          argv.findIndex((word) => word.startsWith('-')),
        ),
  )
  const commands = (await commandTable.describe()).filter(({ hidden }) => !hidden)
  const names = commands.flatMap(({ id, aliases }) => [id.replaceAll(':', ' '), ...aliases])
  const topics = [...new Set(commands.filter(({ id }) => id.includes(':')).map(({ id }) => id.split(':')[0] ?? ''))]
  const topic = topics.find((name) => name === words[0])
  const [first = ''] = words
  const close = [...nearest(words.join(' '), names), ...nearest(first, [...names, ...topics])]
  const near = [...new Set(close)].slice(0, 3).map((name) => `nova ${name}`)
  const said = topic === undefined ? first : words.join(' ')
  return new Fault('invalid', `unknown command "${said}"`, {
    hint: near.length > 0 ? `did you mean ${near.join(', ')}?` : `nova help${topic === undefined ? '' : ` ${topic}`}`,
  })
}

function overview(commands: readonly CommandDescription[], screen: Screen): string {
  const shown = commands.filter(({ hidden }) => !hidden)
  const topics = new Map<string, string[]>()
  for (const { id } of shown) {
    const [topic = '', ...verb] = id.split(':')
    topics.set(topic, [...(topics.get(topic) ?? []), ...(verb.length > 0 ? [verb.join(' ')] : [])])
  }
  const width = Math.max(0, ...[...topics.keys()].map((topic) => topic.length))
  const lines = [...topics].flatMap(([topic, verbs]) =>
    described(topic, width, verbs.join(', ') || summaryOf(topic, shown), screen),
  )
  return [
    'nova runs virtual machines on real hosts: boot, look after, move and delete them.',
    '',
    heading('EXAMPLES', screen),
    '  nova boot web-1 --image cirros --flavor m1.tiny',
    '  nova list',
    '',
    heading('COMMANDS', screen),
    ...lines,
    '',
    "novaclient's words work too: boot, list, show, delete, flavor-list, console-log …",
    'nova help COMMAND shows its flags; nova help lists this.',
    'exit codes: 0 done, 1 fault, 2 usage, 3 not found, 4 not allowed, 5 quota, 6 no valid host, 7 conflict,',
    '  8 timeout, 9 unreachable, 10 unsupported, 130 interrupted',
  ].join('\n')
}

const summaryOf = (id: string, commands: readonly CommandDescription[]) =>
  commands.find((command) => command.id === id)?.summary ?? ''

function listing(commands: readonly CommandDescription[], screen: Screen): string[] {
  const width = Math.max(0, ...commands.map(({ id }) => id.length))
  return commands.flatMap(({ id, summary }) => described(id.replaceAll(':', ' '), width, summary, screen))
}

/** A command's page: example, usage, flags, globals; under 60 lines. */
export function commandHelp(command: CommandDescription, screen: Screen): string {
  const name = command.id.replaceAll(':', ' ')
  const flags = command.flags.filter(({ hidden }) => !hidden)
  const parameters = [...command.args, ...flags]
  const width = Math.min(30, Math.max(0, ...parameters.map((parameter) => flagTerm(parameter).length)))
  return [
    ...(command.examples.length > 0 ? [...command.examples.map((example) => `  $ ${example}`), ''] : []),
    `${heading(`nova ${name}`, screen)}: ${command.summary}`,
    '',
    heading('USAGE', screen),
    `  nova ${[name, ...command.args.map(usageTerm)].join(' ')}${flags.length > 0 ? ' [flags]' : ''}`,
    ...(command.aliases.length > 0 ? [`  also: ${command.aliases.map((alias) => `nova ${alias}`).join(', ')}`] : []),
    ...section('ARGUMENTS', command.args, width, screen),
    ...section('FLAGS', flags, width, screen),
    '',
    heading('GLOBAL', screen),
    ...globalHelp(command),
  ].join('\n')
}

const usageTerm = ({ label, many, required }: ParameterDescription) => {
  const term = many ? `${label}...` : label
  return required ? term : `[${term}]`
}

function section(title: string, parameters: readonly ParameterDescription[], width: number, screen: Screen): string[] {
  if (parameters.length === 0) return []
  return [
    '',
    heading(title, screen),
    ...parameters.flatMap((parameter) => described(flagTerm(parameter), width, remark(parameter), screen)),
  ]
}

function flagTerm(parameter: ParameterDescription): string {
  if (!parameter.label.startsWith('--')) return parameter.label
  const name = parameter.negatable ? parameter.label.replace(/^--/, '--[no-]') : parameter.label
  const short = parameter.char === null ? '' : `-${parameter.char}, `
  return `${short}${name}${valueTerm(parameter)}`
}

function valueTerm(parameter: ParameterDescription): string {
  if (parameter.kind === 'boolean') return ''
  if (parameter.file) return ' FILE'
  if (parameter.kind === 'pairs') return ' KEY=VALUE...'
  if (parameter.kind === 'integer' || parameter.kind === 'number') return ' N'
  return parameter.many ? ' VALUE...' : ' VALUE'
}

function remark({ description, options, default: fallback, required, kind }: ParameterDescription): string {
  const shown = fallback !== null && kind !== 'boolean' && !(Array.isArray(fallback) && fallback.length === 0) && fallback !== ''
  return [
    description,
    ...(options.length > 0 ? [`(${options.join('|')})`] : []),
    ...(shown ? [`[${String(fallback)}]`] : []),
    ...(required ? ['(required)'] : []),
  ]
    .filter(Boolean)
    .join(' ')
}

function described(term: string, width: number, text: string, screen: Screen): string[] {
  const room = Math.max(30, Math.min(screen.width ?? 110, 110) - width - 4)
  const [first = '', ...rest] = wrap(text, room)
  const lines = term.length > width ? [`  ${term}`, `  ${' '.repeat(width)}  ${first}`] : [`  ${pad(term, width)}  ${first}`]
  return [...lines, ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`)].map((line) => line.trimEnd())
}

const heading = (text: string, screen: Screen) => screen.paint('bold', text)
