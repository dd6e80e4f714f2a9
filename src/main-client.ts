/** The composition root of a command that talks to a daemon instead of opening the records itself. */
import { openSocketClient } from './api/socket-client.ts'
import type { AnyAction } from './core/action.ts'
import type { PerformOptions } from './main-core.ts'
import { socketOf } from './main-daemon-lock.ts'

export interface RemoteSession {
  /** Runs an action or a method of the daemon by its name. */
  perform(action: AnyAction | string, input: unknown, options: PerformOptions): Promise<unknown>
  close(): void
}

export interface RemoteOptions {
  readonly userId: string
  readonly projectId: string
}

/** A session over the unix socket at `path`; undefined when nobody listens there. */
export async function openSocketSession(path: string, { userId, projectId }: RemoteOptions): Promise<RemoteSession | undefined> {
  const client = await openSocketClient(path)
  if (!client) return undefined
  return {
    async perform(action, input, { plan, at, requestId, progress }) {
      const $call = { userId, projectId, progress: true, ...defined({ plan, at, requestId }) }
      return client.call(typeof action === 'string' ? action : action.name, { ...Object(input), $call }, progress)
    },
    close: () => client.close(),
  }
}

/** The same over the socket of a state directory. */
export const openLocalSession = (stateDirectory: string, options: RemoteOptions) =>
  openSocketSession(socketOf(stateDirectory), options)

const defined = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
