/** A command's connection to an endpoint that was named: `unix:PATH`, or an https URL with a token. */
import { Fault } from '../core/fault.ts'
import type { RemoteSession } from '../main/client.ts'
import type { Connection, Target } from './connection.ts'
import { readIfThere } from './outside.ts'

/** Opens the endpoint. Faults: `unreachable`, `unauthenticated` without a token, `unsupported` for another kind of URL. */
export async function connectEndpoint(endpoint: string, target: Target): Promise<Connection> {
  const { openRemoteConsole, withFiles } = await import('../main/client.ts')
  const session = withFiles(await openEndpoint(endpoint, target))
  return {
    call: (action, input, options) => session.perform(action, input, options),
    openConsole: ({ server }) => openRemoteConsole(session, server),
    // The daemon goes on by itself.
    detach: async () => undefined,
    close: async () => session.close(),
  }
}

async function openEndpoint(endpoint: string, target: Target): Promise<RemoteSession> {
  if (endpoint.startsWith('unix:')) return openUnix(endpoint.slice('unix:'.length), target)
  if (!/^https:\/\//i.test(endpoint) || !URL.canParse(endpoint)) throw await refuseEndpoint(endpoint, target.env)
  const { env } = target
  const token = await tokenOf(endpoint, env)
  const authority = env.NOVA_CA_FILE ? readNamed('NOVA_CA_FILE', env.NOVA_CA_FILE) : undefined
  const { openHttpsSession } = await import('../main/client.ts')
  // The token says who calls; only a project that was named is asked for.
  const caller = target.projectGiven ? { projectId: target.projectId } : {}
  return openHttpsSession({ url: new URL(endpoint), token, authority }, caller)
}

async function openUnix(path: string, { userId, projectId }: Target): Promise<RemoteSession> {
  const { openSocketSession } = await import('../main/client.ts')
  const session = await openSocketSession(path, { userId, projectId })
  if (session) return session
  throw new Fault('unreachable', `nobody listens on ${path}`, { hint: 'nova daemon start, or leave --endpoint out' })
}

/** Never from the command line, where other users of the machine could read it. */
async function tokenOf(endpoint: string, env: NodeJS.ProcessEnv): Promise<string> {
  const token = env.NOVA_TOKEN || (env.NOVA_TOKEN_FILE ? readNamed('NOVA_TOKEN_FILE', env.NOVA_TOKEN_FILE) : '')
  if (token.trim() !== '') return token.trim()
  const { cloud, said } = await understood(env)
  const known = cloud.source === undefined ? '' : `; ${cloud.source} (${said}) holds OpenStack's credentials, not a token of nova`
  throw new Fault('unauthenticated', `${endpoint} needs a token${known}`, {
    hint: 'set NOVA_TOKEN, or NOVA_TOKEN_FILE to a file that holds it; nova token create makes one',
  })
}

function readNamed(variable: string, file: string): string {
  const text = readIfThere(file)
  if (text === undefined) throw new Fault('invalid', `${variable} names ${file}, which is not there`)
  return text
}

async function refuseEndpoint(endpoint: string, env: NodeJS.ProcessEnv): Promise<Fault> {
  const { cloud, said } = await understood(env)
  const from = cloud.source === undefined ? '' : ` (from ${cloud.source}: ${said})`
  return new Fault('unsupported', `endpoint ${endpoint} cannot be used: it is neither https://… nor unix:PATH${from}`, {
    hint: 'leave --endpoint and NOVA_ENDPOINT out, or name a directory with --state',
    details: { endpoint, ...cloud },
  })
}

/** What clouds.yaml and the OS_* variables say, and the same in words. */
async function understood(env: NodeJS.ProcessEnv) {
  const { readCloud } = await import('./clouds.ts')
  const cloud = await readCloud(env)
  const said = [
    ['auth_url', cloud.authUrl],
    ['project', cloud.project],
    ['user', cloud.user],
    ['region', cloud.region],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]))
  return { cloud, said: said.join(', ') || 'nothing' }
}
