/** A JavaScript shell in which every action is a function: `await server.list({ limit: 10 })`. Calls go the way of all commands. */
import { object, z } from '../core/schema.ts'
import { actionTable } from './action-table.ts'
import { connect } from './connect.ts'
import type { Connection } from './connection.ts'
import { contextsFile } from './contexts.ts'
import { defineLocal, type LocalCall } from './local-action.ts'
import { makePrivate } from './outside.ts'

export const manageShell = defineLocal({
  name: 'shell.open',
  summary: 'open a JavaScript shell with every action as a function, such as await server.list({})',
  effect: 'write',
  policy: 'reader',
  input: object({}),
  output: z.object({}),
  async run(_, call) {
    const connection = await connect(call.target())
    try {
      await runShell(actionsOf(await actionTable.names(), connection, call), contextsFile(call.env))
    } finally {
      await connection.close()
    }
    return {}
  },
})

type ActionCall = (input?: unknown) => Promise<unknown>

/** Functions by noun and verb: `server.list`, `serverGroup.create`. */
export function actionsOf(names: readonly string[], connection: Connection, call: LocalCall): ReadonlyMap<string, object> {
  const nouns = new Map<string, Map<string, ActionCall>>()
  for (const name of names) {
    const [noun = '', verb = ''] = name.split('.').map(camelCase)
    const verbs = nouns.get(noun) ?? new Map<string, ActionCall>()
    nouns.set(noun, verbs)
    const { signal, progress, plan } = call
    verbs.set(verb, (input = {}) => connection.call(name, input, { signal, progress, plan }))
  }
  return new Map([...nouns].map(([noun, verbs]) => [noun, Object.freeze(Object.fromEntries(verbs))]))
}

const camelCase = (word: string) => word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

async function runShell(actions: ReadonlyMap<string, object>, contexts: string): Promise<void> {
  const { start } = await import('node:repl')
  const history = contexts.replace(/[^/]*$/, 'shell-history')
  const shell = start({ prompt: process.stdin.isTTY ? 'nova> ' : '', terminal: process.stdin.isTTY === true, useGlobal: false })
  for (const [noun, verbs] of actions) Object.defineProperty(shell.context, noun, { value: verbs, enumerable: true })
  if (process.stdin.isTTY) {
    makePrivate(history)
    await new Promise<void>((resolve) => shell.setupHistory(history, () => resolve()))
  }
  await new Promise<void>((resolve) => shell.on('exit', resolve))
}
