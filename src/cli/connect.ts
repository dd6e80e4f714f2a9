/** The way from a command to the actions: the in-process core; a daemon or a remote endpoint when there is one. */
import { Fault } from '../core/fault.ts'
import type { Connection, Target } from './connection.ts'
import { loadAction } from './load-action.ts'

/** Opens the target; an endpoint is an `unsupported` fault that says what was understood of it. */
export async function connect(target: Target): Promise<Connection> {
  if (target.endpoint !== undefined) throw await refuseEndpoint(target.endpoint, target.env)
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
    connectSocket: (host, path) => session.connectSocket(host, path),
    detach: () => session.detach(),
  }
}

async function askPassphrase(keyFile: string): Promise<string | undefined> {
  const { askSecret } = await import('./prompts.ts')
  return askSecret(`passphrase of ${keyFile}`)
}

async function refuseEndpoint(endpoint: string, env: NodeJS.ProcessEnv): Promise<Fault> {
  const { readCloud } = await import('./clouds.ts')
  const cloud = await readCloud(env)
  const said = [
    ['auth_url', cloud.authUrl],
    ['project', cloud.project],
    ['user', cloud.user],
    ['region', cloud.region],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
  const from = cloud.source === undefined ? '' : ` (from ${cloud.source}: ${said.join(', ') || 'nothing'})`
  return new Fault('unsupported', `endpoint ${endpoint} cannot be used: this nova works on a state directory only${from}`, {
    hint: 'leave --endpoint and NOVA_ENDPOINT out, or name a directory with --state',
    details: { endpoint, ...cloud },
  })
}
