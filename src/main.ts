/**
 * The composition root: the only place, with the files named main-…, that names adapters.
 * This one opens the core in the process of a command, for one user; everything that a read does not need is loaded when it is used.
 */
import type { AnyAction } from './core/action.ts'
import type { Host } from './hosts/host.ts'
import { resumeInBackground } from './main/background.ts'
import { type Caller, type CoreOptions, openCore, type PerformOptions } from './main/core.ts'

export type { PerformOptions } from './main/core.ts'

export type EmbeddedOptions = Caller & Pick<CoreOptions, 'stateDirectory' | 'checkOutput' | 'askPassphrase'>

export interface Session {
  perform(action: AnyAction, input: unknown, options: PerformOptions): Promise<unknown>
  /** A connection to a unix socket on a host, for consoles. */
  connectSocket(host: string, path: string): ReturnType<Host['connect']>
  /** Hands running flows to a process of its own. */
  detach(): Promise<void>
  close(): Promise<void>
}

/** Opens the core in this process over a state directory. */
export async function openEmbedded({ userId, projectId, roles, ...options }: EmbeddedOptions): Promise<Session> {
  const core = openCore(options)
  const caller: Caller = { userId, projectId, roles }
  return {
    perform: (action, input, performOptions) => core.perform(action, input, { ...performOptions, caller }),
    connectSocket: (host, path) => core.connectSocket(host, path),
    async detach() {
      if (core.ledger.running.size === 0) return
      const handed = await core.flows(() => undefined).handOver()
      if (handed.length > 0) await resumeInBackground(options.stateDirectory)
    },
    close: () => core.close(),
  }
}
