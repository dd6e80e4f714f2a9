/** The composition root of a command that talks to a daemon instead of opening the records itself. */
import type { Duplex } from 'node:stream'
import { type OpenClient, openSocketClient } from '../api/socket-client.ts'
import type { AnyAction } from '../core/action.ts'
import { Fault } from '../core/fault.ts'
import type { PerformOptions } from './core.ts'
import { socketOf } from './daemon-lock.ts'

export interface RemoteSession {
  /** Runs an action or a method of the daemon by its name. */
  perform(action: AnyAction | string, input: unknown, options: PerformOptions): Promise<unknown>
  close(): void
}

/** Who calls, as far as the door does not know it by itself. */
export interface RemoteCaller {
  readonly userId?: string | undefined
  readonly projectId?: string | undefined
}

/** A session over the unix socket at `path`; undefined when nobody listens there. */
export async function openSocketSession(path: string, caller: RemoteCaller): Promise<RemoteSession | undefined> {
  const client = await openSocketClient(path)
  return client && sessionOver(client, caller)
}

/** The same over the socket of a state directory. */
export const openLocalSession = (stateDirectory: string, caller: RemoteCaller) =>
  openSocketSession(socketOf(stateDirectory), caller)

export interface HttpsOptions {
  readonly url: URL
  readonly token: string
  /** PEM text of an authority beside those of the system. */
  readonly authority?: string | undefined
}

/** A session over HTTPS; nothing is connected before the first call. */
export async function openHttpsSession(options: HttpsOptions, caller: RemoteCaller): Promise<RemoteSession> {
  const { openHttpsClient } = await import('../api/https-client.ts')
  return sessionOver(openHttpsClient(options), caller)
}

/** The same session, for a daemon that does not see this machine's files: what a call names is sent first, or fetched. */
export function withFiles(session: RemoteSession): RemoteSession {
  return {
    close: () => session.close(),
    async perform(action, input, options) {
      if (nameOf(action) === 'image.save') return saveImage(session, Object(input), options)
      const source = String(Reflect.get(Object(input), 'source'))
      const isFile = nameOf(action) === 'image.create' && !/^(https?:|upload:)/i.test(source) && options.plan !== true
      if (!isFile) return session.perform(action, input, options)
      const { sendFile } = await import('../api/upload-client.ts')
      const call = callsOf(session, options)
      const file = source === '-' ? '/dev/stdin' : source
      const uploaded = await sendFile({ file, call, progress: options.progress })
      return session.perform(action, { ...Object(input), source: uploaded }, options)
    },
  }
}

/** Calls of the daemon's own methods, which tell of no progress. */
const callsOf = (session: RemoteSession, { signal }: Pick<PerformOptions, 'signal'>) => {
  const quiet: PerformOptions = { signal, progress: () => undefined }
  return (method: string, params: object) => session.perform(method, params, quiet)
}

/** Fetches the image's bytes into a file of this machine; the answer is what the daemon shows of the image. */
async function saveImage(session: RemoteSession, input: Record<string, unknown>, options: PerformOptions): Promise<unknown> {
  const { fetchImage } = await import('../api/download-client.ts')
  const { writeTo } = await import('../image/save.ts')
  const image = String(input.image)
  const call = callsOf(session, options)
  const view = await call('image.show', { image })
  const size: unknown = Reflect.get(Object(view), 'size')
  const total = typeof size === 'number' ? size : undefined
  const { progress } = options
  await writeTo(String(input.file), (write) => fetchImage({ image, total, call, write, progress }))
  return view
}

/** The serial console of a server of that daemon. */
export async function openRemoteConsole(session: RemoteSession, server: string): Promise<Duplex> {
  const { openConsole } = await import('../api/console-client.ts')
  return openConsole(server, callsOf(session, { signal: new AbortController().signal }))
}

const sessionOver = (client: OpenClient, { userId, projectId }: RemoteCaller): RemoteSession => ({
  async perform(action, input, { plan, at, requestId, progress }) {
    const $call = { progress: true, ...defined({ userId, projectId, plan, at, requestId }) }
    const answer = client.call(nameOf(action), { ...Object(input), $call }, progress)
    return typeof action === 'string' ? answer : answer.catch((error: unknown) => withVersions(error, action.name))
  },
  close: () => client.close(),
})

/** A daemon of another version lacks what this program has a command for. */
function withVersions(error: unknown, action: string): never {
  if (!(error instanceof Fault) || error.kind !== 'unsupported' || error.message !== `there is no method ${action}`) throw error
  throw new Fault('unsupported', `the daemon knows no ${action}: it is of another version than this program`, {
    hint: 'nova daemon upgrade starts it again with this one',
    cause: error,
  })
}

const nameOf = (action: AnyAction | string) => (typeof action === 'string' ? action : action.name)

const defined = (members: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
