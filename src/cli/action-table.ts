/** The actions that a daemon serves: those behind the commands, but for the ones of the command line itself. */
import { commandTable } from './command-table.ts'
import { loadAction } from './load-action.ts'

/** Nouns of actions that live in the command line and have no state. */
const own = new Set(['context', 'version', 'completion', 'commands', 'daemon', 'rpc', 'shell', 'state'])

export const actionTable = {
  async names(): Promise<readonly string[]> {
    const described = await commandTable.describe()
    const names = described.flatMap(({ action }) => (action === null || own.has(action.split('.')[0] ?? '') ? [] : [action]))
    return [...new Set(names)]
  },
  load: loadAction,
}
