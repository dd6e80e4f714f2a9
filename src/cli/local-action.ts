/** Actions of the CLI itself (contexts, version, completion): they need no state and run in the process that was asked. */

import type { Action, AnyAction } from '../core/action.ts'
import type { Call } from '../core/call.ts'
import { Fault } from '../core/fault.ts'
import { perform } from '../core/perform.ts'
import type { Connection, Target } from './connection.ts'
import type { Runtime } from './runtime.ts'

/** A call that knows the environment and the version, and no state. */
export interface LocalCall extends Call {
  readonly env: NodeJS.ProcessEnv
  /** What flags, environment and context say of where the work is done. */
  target(): Target
}

export interface LocalAction<I, O> extends Action<I, O, LocalCall> {
  readonly local: true
}

/** Declares a local action; only gives `run` its types. */
export const defineLocal = <I, O>(action: Omit<LocalAction<I, O>, 'local'>): LocalAction<I, O> => ({ ...action, local: true })

export const isLocal = (action: AnyAction) => 'local' in action && action.local === true

/** A connection that runs local actions. */
export const localConnection = (runtime: Runtime, target: () => Target): Connection => ({
  openConsole: async ({ server }) => {
    throw new Fault('unsupported', `a local command has no server ${server}`)
  },
  call: async (action, input, options) => {
    if (typeof action === 'string') throw new Error(`${action} is not a local action`)
    const call: LocalCall = {
      userId: 'local',
      projectId: 'local',
      roles: ['admin'],
      requestId: runtime.requestId,
      signal: options.signal,
      progress: options.progress,
      plan: options.plan ?? false,
      env: runtime.env,
      target,
    }
    return perform(action, input, call)
  },
  close: async () => undefined,
})
