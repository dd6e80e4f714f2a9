/** A page for each noun, and their index. */
import { globalFlags } from '../../src/cli/global-flags.ts'
import { byNoun, type LoadedCommand } from './load-commands.ts'
import { code, type Page, page, table } from './page.ts'
import { recordOf } from './records.ts'
import { shapeOf } from './shape.ts'
import { meaning, parametersOf, term, usage } from './terms.ts'

const effects = { read: 'reads only', write: 'writes', destroy: 'destroys, and asks first on a terminal' }

/** docs/reference/commands/NOUN.md for each noun. */
export const commandPages = (commands: readonly LoadedCommand[]): Page[] =>
  [...byNoun(commands)].map(([noun, own]) =>
    page(`commands/${noun}.md`, `nova ${noun}`, [
      'Flags that every command has are in the [index](../commands.md#flags-of-every-command).',
      ...own.flatMap(sectionOf),
    ]),
  )

function sectionOf(command: LoadedCommand): string[] {
  const { name, summary, aliases, effect, policy, examples } = command
  return [
    `## nova ${name}`,
    `${capital(summary)}.`,
    `\`\`\`text\n${usage(command)}\n\`\`\``,
    [
      ...(aliases.length > 0 ? [`- also: ${aliases.map((alias) => code(`nova ${alias}`)).join(', ')}`] : []),
      `- effect: ${effects[effect]}`,
      `- role: ${policy}`,
    ].join('\n'),
    table(
      ['argument or flag', 'meaning'],
      parametersOf(command).map((parameter) => [code(term(parameter)), meaning(parameter)]),
    ),
    ...(examples.length > 0 ? [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``] : []),
    ...resultOf(command.declaration, 'Output', '../records.md'),
  ].filter(Boolean)
}

export const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

/** What an action answers: a known record by its name, the keys of any other. */
export function resultOf({ output }: Pick<LoadedCommand['declaration'], 'output'>, word: string, records: string): string[] {
  const shape = shapeOf(output)
  const known = recordOf(shape)
  const how = (what: string) =>
    shape.isEither ? `${what}, or a list of them` : shape.isList ? `a list; each item is ${what}` : what
  if (known) return [`${word}: ${how(`[${known.title}](${records}#${known.anchor})`)}.`]
  if (shape.keys.length === 0) return []
  return [
    `${word}: ${how('an object')}.`,
    table(
      ['key', 'type', 'meaning'],
      shape.keys.map((key) => [code(key.name), key.type, key.meaning]),
    ),
  ]
}

/** docs/reference/commands.md. */
export function indexPage(commands: readonly LoadedCommand[]): Page {
  const rows = commands.map(({ name, noun, aliases, effect, policy, summary }) => [
    `[${name}](commands/${noun}.md#nova-${name.replaceAll(' ', '-')})`,
    aliases.map(code).join(' '),
    effect,
    policy,
    summary,
  ])
  return page('commands.md', 'Commands', [
    table(['command', 'also', 'effect', 'role', 'what it does'], rows),
    '## Flags of every command',
    table(['flag', 'given to', 'meaning'], globalRows()),
  ])
}

/** Which commands a flag belongs to shows in the sets that the declaration gives to each of them. */
function globalRows(): string[][] {
  const sets: [string, ReturnType<typeof flagsFor>][] = [
    ['lists', flagsFor('read', true)],
    ['reads', flagsFor('read', false)],
    ['writes', flagsFor('write', false)],
    ['destroys', flagsFor('destroy', false)],
  ]
  const names = [...new Set(sets.flatMap(([, flags]) => [...flags.keys()]))]
  return names.map((name) => {
    const owners = sets.filter(([, flags]) => flags.has(name))
    const flag = owners[0]?.[1].get(name)
    const short = flag?.char === undefined ? '' : `-${flag.char}, `
    const given = owners.length === sets.length ? 'all' : owners.map(([title]) => title).join(', ')
    const also = (flag?.aliases ?? []).map((alias) => `; also --${alias}`).join('')
    return [code(`${short}--${name}${flag?.type === 'boolean' ? '' : ' VALUE'}`), given, `${flag?.description ?? ''}${also}`]
  })
}

interface GlobalFlag {
  readonly type: string
  readonly char?: string
  readonly aliases?: readonly string[]
  readonly description?: string
}

const flagsFor = (effect: 'read' | 'write' | 'destroy', isList: boolean) =>
  new Map<string, GlobalFlag>(Object.entries(globalFlags(effect, isList)))
