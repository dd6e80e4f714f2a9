/** The way from a command to the actions: a daemon of the state directory when one is up, a remote endpoint, or the core in this process. */
import type { Connection, Target } from './connection.ts'
import { loadAction } from './load-action.ts'
import { isThere } from './outside.ts'

/** Opens the target. Faults: `unreachable` for an endpoint that does not answer, `unsupported` for one that is none. */
export async function connect(target: Target): Promise<Connection> {
  if (target.endpoint !== undefined) return (await import('./connect-endpoint.ts')).connectEndpoint(target.endpoint, target)
  if (target.daemon !== false && isThere(`${target.stateDirectory}/nova.sock`)) {
    const { connectDaemon } = await import('./connect-daemon.ts')
    const connection = await connectDaemon(target, () => connectEmbedded(target))
    if (connection) return connection
  }
  return connectEmbedded(target)
}

async function connectEmbedded(target: Target): Promise<Connection> {
  const { openEmbedded } = await import('../main.ts')
  const session = await openEmbedded({
    stateDirectory: target.stateDirectory,
    userId: target.userId,
    projectId: target.projectId,
    roles: ['admin'],
    askPassphrase: target.interactive ? askPassphrase : undefined,
  })
  return {
    call: async (action, input, options) =>
      session.perform(typeof action === 'string' ? await loadAction(action) : action, input, options),
    close: () => session.close(),
    openConsole: ({ host, socket }) => session.connectSocket(host, socket),
    detach: () => session.detach(),
  }
}

async function askPassphrase(keyFile: string): Promise<string | undefined> {
  const { askSecret } = await import('./prompts.ts')
  return askSecret(`passphrase of ${keyFile}`)
}
