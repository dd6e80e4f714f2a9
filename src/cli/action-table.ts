/** The actions that a daemon serves: those behind the commands, but for the ones of the command line itself. */
import { commandTable } from './command-table.ts'
import { loadAction } from './load-action.ts'

/** Nouns of actions that live in the command line and have no state. */
const own = new Set(['context', 'version', 'completion', 'commands', 'daemon', 'rpc', 'shell', 'state'])

/** Read once: a daemon asks when it begins, so that it outlives the files of its program when a newer one takes their place. */
let known: Promise<readonly string[]> | undefined

async function names(): Promise<readonly string[]> {
  const described = await commandTable.describe()
  const actions = described.flatMap(({ action }) => (action === null || own.has(action.split('.')[0] ?? '') ? [] : [action]))
  return [...new Set(actions)]
}

export const actionTable = {
  names(): Promise<readonly string[]> {
    known ??= names()
    return known
  },
  load: loadAction,
}
