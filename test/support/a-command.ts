/** Runs a command class over a fake connection and keeps what it printed and called. */
import { type ActionCommand, executeCommand } from '../../src/cli/command-for.ts'
import type { CallOptions, Connection } from '../../src/cli/connection.ts'
import { reportError } from '../../src/cli/report-error.ts'
import { lightConfig } from '../../src/cli/runtime.ts'
import type { Screen } from '../../src/cli/screen.ts'
import type { AnyAction } from '../../src/core/action.ts'
import { aScreen } from './a-screen.ts'

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Inputs that reached an action. */
  readonly inputs: readonly unknown[]
  readonly detached: boolean
}

export interface Outside {
  /** What the action does; an empty list when left out. */
  readonly answer?: (input: unknown, options: CallOptions, action: AnyAction | string) => Promise<unknown>
  readonly screen?: Partial<Screen>
  readonly env?: NodeJS.ProcessEnv
  /** Given the handler of Ctrl-C. */
  readonly interrupt?: (handler: () => void) => void
  readonly json?: boolean
}

/** One command line to its end, errors reported as the dispatcher does. */
export async function runCommandLine(
  command: typeof ActionCommand,
  argv: readonly string[],
  outside: Outside = {},
): Promise<Ran> {
  const screen = aScreen(outside.screen)
  const inputs: unknown[] = []
  let detached = false
  const connection: Connection = {
    async call(action, input, options) {
      inputs.push(input)
      return outside.answer ? outside.answer(input, options, action) : []
    },
    close: async () => undefined,
    detach: async () => {
      detached = true
    },
    openConsole: () => Promise.reject(new Error('no consoles here')),
  }
  const runtime = {
    screen,
    requestId: 'req-1',
    env: { HOME: '/nowhere', ...outside.env },
    connect: async () => connection,
    onInterrupt: (handler: () => void) => {
      outside.interrupt?.(handler)
      return () => undefined
    },
  }
  command.id = 'thing:verb'
  const style = { json: outside.json ?? argv.includes('--json'), debug: argv.includes('--debug'), requestId: 'req-1' }
  const code = await executeCommand(command, argv, lightConfig({ runtime, version: '0' })).catch((error: unknown) =>
    reportError(error, screen, style),
  )
  return { code, ...screen.printed, inputs, detached }
}
