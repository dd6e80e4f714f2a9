/** Every command with its action; a command that does not load is an error here, not a gap in the reference. */
import { isActionCommand } from '../../src/cli/command-for.ts'
import { commandTable } from '../../src/cli/command-table.ts'
import { type CommandDescription, describeCommand } from '../../src/cli/describe-commands.ts'
import type { AnyAction } from '../../src/core/action.ts'

export interface LoadedCommand extends CommandDescription {
  /** `server create`. */
  readonly name: string
  /** `server`. */
  readonly noun: string
  readonly declaration: AnyAction
}

/** All that are not hidden, by id. */
export async function loadCommands(): Promise<LoadedCommand[]> {
  const loaded = await Promise.all(commandTable.ids().map(loadCommand))
  return loaded.filter((command) => !command.hidden)
}

async function loadCommand(id: string): Promise<LoadedCommand> {
  const command = (await commandTable.load(id))?.default
  if (!isActionCommand(command)) throw new Error(`src/commands/${id.replaceAll(':', '/')}.ts exports no command`)
  const name = id.replaceAll(':', ' ')
  const [noun = name] = name.split(' ')
  return { ...describeCommand(id, command), name, noun, declaration: command.spec.action }
}

/** The commands of each noun, nouns in order. */
export function byNoun(commands: readonly LoadedCommand[]): Map<string, LoadedCommand[]> {
  const nouns = new Map<string, LoadedCommand[]>()
  for (const command of commands) nouns.set(command.noun, [...(nouns.get(command.noun) ?? []), command])
  return nouns
}
