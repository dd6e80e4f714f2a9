/** A command's connection to an endpoint that was named: `unix:PATH`, or an https URL with a token. */
import { Fault } from '../core/fault.ts'
import type { Connection, Target } from './connection.ts'

/** Opens the endpoint. Faults: `unreachable`, `unauthenticated` without a token, `unsupported` for another kind of URL. */
export async function connectEndpoint(endpoint: string, target: Target): Promise<Connection> {
  if (endpoint.startsWith('unix:')) return connectUnix(endpoint.slice('unix:'.length), target)
  throw await refuseEndpoint(endpoint, target.env)
}

async function connectUnix(path: string, target: Target): Promise<Connection> {
  const { openSocketSession } = await import('../main-client.ts')
  const session = await openSocketSession(path, target)
  if (!session)
    throw new Fault('unreachable', `nobody listens on ${path}`, { hint: 'nova daemon start, or leave --endpoint out' })
  return {
    call: (action, input, options) => session.perform(action, input, options),
    connectSocket: async () => {
      throw noConsole()
    },
    detach: async () => undefined,
    close: async () => session.close(),
  }
}

export const noConsole = () =>
  new Fault('unsupported', 'a console cannot be attached through an endpoint', {
    hint: 'nova console attach on the machine of the daemon, with --state',
  })

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
  return new Fault('unsupported', `endpoint ${endpoint} cannot be used: it is neither https://… nor unix:PATH${from}`, {
    hint: 'leave --endpoint and NOVA_ENDPOINT out, or name a directory with --state',
    details: { endpoint, ...cloud },
  })
}
