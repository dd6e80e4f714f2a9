/** What holds for the help of every command. */
import { beforeAll, describe, expect, it } from 'vitest'
import { commandTable } from '../../../src/cli/command-table.ts'
import type { CommandDescription } from '../../../src/cli/describe-commands.ts'
import { commandHelp } from '../../../src/cli/help.ts'
import { aScreen } from '../../support/a-screen.ts'

let commands: readonly CommandDescription[] = []
beforeAll(async () => {
  commands = await commandTable.describe()
}, 60_000)

const offenders = (isWrong: (command: CommandDescription) => boolean) => commands.filter(isWrong).map(({ id }) => id)

describe('every command', () => {
  it('is loaded', () => expect(commands.map(({ id }) => id).sort()).toEqual([...commandTable.ids()].sort()))

  it('begins its help with an example of itself', () => {
    expect(
      offenders(({ id, aliases, examples }) => {
        const names = [id.replaceAll(':', ' '), ...aliases]
        return !names.some((name) => examples[0]?.includes(`nova ${name}`))
      }),
    ).toEqual([])
  })

  it('has help of less than 60 lines', () => {
    expect(offenders((command) => commandHelp(command, aScreen()).split('\n').length >= 60)).toEqual([])
  })

  it('has one meaning for each alias', () => {
    const names = commands.flatMap(({ id, aliases }) => [id.replaceAll(':', ' '), ...aliases])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
  })

  it('has one meaning for each letter and flag', () => {
    const reserved = [
      '-f',
      '-c',
      '-q',
      '-y',
      '-h',
      '--help',
      '--json',
      '--format',
      '--yes',
      '--plan',
      '--quiet',
      '--debug',
      '--color',
      '--column',
    ]
    const taken = ({ flags }: CommandDescription) =>
      flags.flatMap(({ label, char, aliases }) => [
        label,
        ...(char === null ? [] : [`-${char}`]),
        ...aliases.map((alias) => `--${alias}`),
      ])
    expect(
      offenders((command) => taken(command).some((word, index, all) => reserved.includes(word) || all.indexOf(word) !== index)),
    ).toEqual([])
  })
})
