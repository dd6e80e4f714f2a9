/** The words that may come next on a command line, for the shells; fast, and silent when anything fails. */
import type { CommandTable } from './command-table.ts'

/** Candidates for the last of `words`. */
export async function completions(_words: readonly string[], _env: NodeJS.ProcessEnv, _table: CommandTable): Promise<string[]> {
  return []
}
