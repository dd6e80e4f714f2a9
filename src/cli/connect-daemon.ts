/** A command's connection to the daemon of its own state directory, over its socket. */
import type { AnyAction } from '../core/action.ts'
import type { Connection, Target } from './connection.ts'

/** The connection, or undefined when the socket is left over from a daemon that is gone. */
export async function connectDaemon(target: Target, openHere: () => Promise<Connection>): Promise<Connection | undefined> {
  const { openLocalSession, withFiles } = await import('../main/client.ts')
  const { userId, projectId } = target
  const session = await openLocalSession(target.stateDirectory, { userId, projectId })
  if (!session) return undefined
  // Only this process has this terminal's streams: their bytes go over the socket.
  const streams = withFiles(session)
  let embedded: Promise<Connection> | undefined
  const here = () => {
    embedded ??= openHere()
    return embedded
  }
  return {
    call: async (action, input, options) => (usesStreams(action, input) ? streams : session).perform(action, input, options),
    openConsole: async (found) => (await here()).openConsole(found),
    // The daemon goes on by itself.
    detach: async () => undefined,
    close: async () => {
      session.close()
      await (await embedded)?.close()
    },
  }
}

function usesStreams(action: AnyAction | string, input: unknown): boolean {
  const name = typeof action === 'string' ? action : action.name
  if (name === 'image.save') return true
  return name === 'image.create' && ['-', '/dev/stdin'].includes(String(Reflect.get(Object(input), 'source')))
}
