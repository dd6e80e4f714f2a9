/** nova(1), and nova-NOUN(1) for each noun. */
import { commandTable } from '../../src/cli/command-table.ts'
import { describeExitCodes } from '../../src/cli/exit-codes.ts'
import { globalHelp } from '../../src/cli/global-help.ts'
import { environment } from './environment.ts'
import { byNoun, type LoadedCommand } from './load-commands.ts'
import type { Page } from './page.ts'
import { bold, item, manPage, roff, section, verbatim } from './roff.ts'
import { meaning, parametersOf, term, usage } from './terms.ts'

/** docs/reference/man/*.1. */
export function manPages(commands: readonly LoadedCommand[]): Page[] {
  const nouns = byNoun(commands)
  return [overview(commands, [...nouns.keys()]), ...[...nouns].map(([noun, own]) => nounPage(noun, own))]
}

function overview(commands: readonly LoadedCommand[], nouns: readonly string[]): Page {
  return {
    path: 'man/nova.1',
    text: manPage('nova', commandTable.version, [
      section('NAME'),
      roff('nova - boot, look after and delete virtual machines on real hosts'),
      section('SYNOPSIS'),
      `${bold('nova')} NOUN VERB [ARGUMENTS] [FLAGS]`,
      section('DESCRIPTION'),
      roff(
        "The work of OpenStack Nova in one program: records in a state directory, no agent on any host. novaclient's words work",
      ),
      roff('too: boot, list, show, delete and so on. nova help COMMAND shows a command with its flags.'),
      section('COMMANDS'),
      ...commands.map(({ name, summary }) => item(name, summary)),
      section('OUTPUT AND OTHER FLAGS OF EVERY COMMAND'),
      'Lists:',
      verbatim(globalLines(commands, 'server list')),
      'Commands that destroy:',
      verbatim(globalLines(commands, 'server delete')),
      section('EXIT STATUS'),
      ...describeExitCodes().map(({ code, kinds, meaning: text }) =>
        item(String(code), kinds.length > 0 ? `${text} (${kinds.join(', ')})` : text),
      ),
      section('ENVIRONMENT'),
      ...environment.map(([names, text]) => item(names.join(', '), text)),
      section('SEE ALSO'),
      nouns.map((noun) => `${bold(`nova-${noun}`)}(1)`).join(',\n'),
    ]),
  }
}

function globalLines(commands: readonly LoadedCommand[], name: string): string[] {
  const command = commands.find((one) => one.name === name)
  return command ? globalHelp(command) : []
}

function nounPage(noun: string, commands: readonly LoadedCommand[]): Page {
  const [only] = commands
  const what = commands.length === 1 && only ? only.summary : `commands on ${noun.replaceAll('-', ' ')}s`
  return {
    path: `man/nova-${noun}.1`,
    text: manPage(`nova-${noun}`, commandTable.version, [
      section('NAME'),
      `${roff(`nova-${noun}`)} \\- ${roff(what)}`,
      section('SYNOPSIS'),
      verbatim(commands.map(usage)),
      section('COMMANDS'),
      ...commands.flatMap(commandBlock),
      section('SEE ALSO'),
      `${bold('nova')}(1)`,
    ]),
  }
}

function commandBlock(command: LoadedCommand): string[] {
  const { name, summary, aliases, examples } = command
  return [
    `.SS nova ${roff(name)}`,
    roff(`${summary}.${aliases.length > 0 ? ` Also: ${aliases.map((alias) => `nova ${alias}`).join(', ')}.` : ''}`),
    ...parametersOf(command).map((parameter) => item(term(parameter), meaning(parameter))),
    ...(examples.length > 0 ? ['.PP', 'Examples:', verbatim(examples)] : []),
  ]
}
