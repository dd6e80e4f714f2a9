/**
 * Which commands there are and how to load one. In development the files under src/commands say so;
 * the release build puts a generated table of lazy modules in place of this file.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { CommandDescription } from './describe-commands.ts'

const root = fileURLToPath(new URL('../commands', import.meta.url))

export interface CommandTable {
  /** `server:create` for src/commands/server/create.ts. */
  ids(): readonly string[]
  /** The module of a command, or undefined when there is none of that id. */
  load(id: string): Promise<{ default?: unknown }> | undefined
  /** The command id behind an alias. */
  alias(word: string): Promise<string | undefined>
  /** Every command's description; the release reads them from a file. */
  describe(): Promise<readonly CommandDescription[]>
  readonly version: string
}

const ids = () =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3).replaceAll('/', ':'))
    .sort()

const load = (id: string): Promise<{ default?: unknown }> | undefined =>
  ids().includes(id) ? import(`${root}/${id.replaceAll(':', '/')}.ts`) : undefined

async function describe() {
  const { describeCommands } = await import('./describe-commands.ts')
  // A file that is being worked on must not take the help of the others with it; the release build refuses it.
  return describeCommands({ ids, load: (id) => load(id)?.catch(() => ({})) })
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return String(version)
}

export const commandTable: CommandTable = {
  ids,
  load,
  alias: async (word) => (await describe()).find((command) => command.aliases.includes(word))?.id,
  describe,
  version: version(),
}
