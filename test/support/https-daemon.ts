/** A daemon of the built program with its HTTPS door, on a state directory with one fake host. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHttpsClient } from '../../src/api/https-client.ts'
import type { OpenClient } from '../../src/api/socket-client.ts'
import { aDaemon, type Daemon } from './a-daemon.ts'
import { makeCertificates } from './certificates.ts'
import { novaJson } from './cli.ts'
import { freePort } from './free-port.ts'
import { type TortureState, tortureState } from './torture-state.ts'

export interface HttpsDaemon {
  readonly world: TortureState
  readonly daemon: Daemon
  readonly url: URL
  /** PEM text of the authority that signed the door's certificate. */
  readonly authority: string
  /** A client with a token; the caller closes it. */
  client(token: string): OpenClient
  /** A new token for a user of a project. */
  token(user: string, options?: { readonly project?: string; readonly role?: string; readonly days?: number }): Promise<string>
  /** Ends the daemon and removes everything. */
  close(): Promise<void>
}

export async function httpsDaemon(settings: object = {}, env: Readonly<Record<string, string>> = {}): Promise<HttpsDaemon> {
  const folder = mkdtempSync(join(tmpdir(), 'nk-'))
  const world = await tortureState()
  const port = await freePort()
  makeCertificates(folder)
  const https = { httpsListen: `127.0.0.1:${port}`, httpsCertificate: `${folder}/server.pem`, httpsKey: `${folder}/server.key` }
  const room = { maxIoOpsPerHost: 100_000, maxInstancesPerHost: 100_000, tokenFailuresPerMinute: 100_000 }
  writeFileSync(join(world.state, 'settings.json'), JSON.stringify({ ...https, ...room, ...settings }))
  const authority = readFileSync(`${folder}/ca.pem`, 'utf8')
  const url = new URL(`https://localhost:${port}`)
  const daemon = await aDaemon(world.state, env)
  return {
    world,
    daemon,
    url,
    authority,
    client: (token) => openHttpsClient({ url, token, authority }),
    async token(user, { project = 'default', role = 'member', days = 1 } = {}) {
      const words = ['token', 'create', user, '--user', user, '--project', project, '--role', role, '--days', `${days}`]
      return String(Reflect.get(Object(await novaJson(words, { state: world.state })), 'token'))
    },
    async close() {
      daemon.kill('SIGTERM')
      await daemon.ended
      world.cleanup()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
