/** The doors of a daemon in the test's own process, over a state directory with fake hosts, and clients for any user. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { loadAction } from '../../src/cli/load-action.ts'
import type { AnyAction } from '../../src/core/action.ts'
import type { Role } from '../../src/core/call.ts'
import { openCore } from '../../src/main/core.ts'
import { openDesk } from '../../src/main/desk.ts'
import { openDoors } from '../../src/main/doors.ts'
import { makeCertificates } from './certificates.ts'
import { freePort } from './free-port.ts'

const root = path.resolve(import.meta.dirname, '../../src/actions')

/** Every action, by loading all files that may hold one. */
export async function everyAction(): Promise<readonly AnyAction[]> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /^[^/]+\/[^/]+\.ts$/.test(file))
  const names = files.map((file) => file.slice(0, -3).replace('/', '.')).sort()
  const loaded = await Promise.all(names.map((name) => loadAction(name).catch(() => undefined)))
  return loaded.filter((action) => action !== undefined)
}

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
  /** The JSON-RPC answer, `{}` for a text that is none. */
  readonly answer: { readonly result?: unknown; readonly error?: { readonly message: string; readonly data?: unknown } }
}

export interface OpenDoors {
  readonly state: string
  readonly port: number
  /** What the daemon logged. */
  readonly logged: string[]
  /** A call as the owner of the socket would make it. */
  admin(method: string, params?: object): Promise<unknown>
  token(user: string, project: string, roles: readonly Role[]): Promise<string>
  /** One POST with a token; `body` may be any text. */
  post(token: string, body: string, headers?: Readonly<Record<string, string>>): Promise<Reply>
  call(token: string, method: string, params?: object): Promise<Reply>
  close(): Promise<void>
}

export async function aDoor(hosts: readonly string[], settings: object = {}): Promise<OpenDoors> {
  const state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  makeCertificates(state)
  const port = await freePort()
  const https = { httpsListen: `127.0.0.1:${port}`, httpsCertificate: `${state}/server.pem`, httpsKey: `${state}/server.key` }
  writeFileSync(`${state}/settings.json`, JSON.stringify({ ...https, tokenFailuresPerMinute: 1000, ...settings }))
  const actions = await everyAction()
  const core = openCore({ stateDirectory: state, recovers: false, background: async () => undefined })
  const about = { stateDirectory: state, version: '0', startedAt: '', socket: `${state}/nova.sock` }
  const logged: string[] = []
  const write = (...words: unknown[]) => void logged.push(JSON.stringify(words))
  const log = { info: write, warn: write, error: write }
  const table = { names: async () => actions.map(({ name }) => name), load: loadAction }
  const desk = openDesk({ core, actions: table, log, about, reload: () => core.reload(), stopping: () => undefined })
  const doors = await openDoors({ core, desk, log, about })
  const agent = new Agent({ keepAlive: true, ca: readFileSync(`${state}/ca.pem`) })
  const caller = { userId: 'root', projectId: 'default', roles: ['admin'] as const }
  const quiet = { signal: new AbortController().signal, progress: () => undefined, caller, door: 'socket' as const }
  const admin = async (method: string, params: object = {}) => core.perform(await loadAction(method), params, quiet)
  for (const name of hosts) await admin('host.add', { name, driver: 'fake' })
  const post: OpenDoors['post'] = (token, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const all = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }
      const sent = request(
        `https://localhost:${port}/rpc`,
        { method: 'POST', agent, headers: all, servername: 'localhost' },
        (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('end', () => {
            const text = Buffer.concat(parts).toString('utf8')
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, answer: parsed(text) })
          })
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    state,
    port,
    logged,
    admin,
    post,
    async token(user, project, roles) {
      const made = await admin('token.create', { name: user, user, in: project, roles })
      return String(Reflect.get(Object(made), 'token'))
    },
    call: (token, method, params = {}) => post(token, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })),
    async close() {
      agent.destroy()
      await doors.close()
      await core.close()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

function parsed(text: string): Reply['answer'] {
  try {
    return Object(JSON.parse(text))
  } catch {
    return {}
  }
}
