/** The doors of the core agree: the same call has the same answer, and every action the same verdict for every role. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHttpsClient } from '../../src/api/https-client.ts'
import { openSocketClient } from '../../src/api/socket-client.ts'
import { loadAction } from '../../src/cli/load-action.ts'
import type { Role } from '../../src/core/call.ts'
import { Fault } from '../../src/core/fault.ts'
import { type Core, openCore } from '../../src/main/core.ts'
import { openDesk } from '../../src/main/desk.ts'
import { type Doors, openDoors } from '../../src/main/doors.ts'
import { makeCertificates } from '../support/certificates.ts'
import { freePort } from '../support/free-port.ts'

type Ask = (method: string, params: object, roles: readonly Role[]) => Promise<unknown>

const root = path.resolve(import.meta.dirname, '../../src/actions')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /^[^/]+\/[^/]+\.ts$/.test(file))
const candidates = files.map((file) => file.slice(0, -3).replace('/', '.'))
const loaded = await Promise.all(candidates.map((name) => loadAction(name).catch(() => undefined)))
const actions = loaded.filter((action) => action !== undefined)
const names = actions.map(({ name }) => name)

let state: string
let core: Core
let doors: Doors
const asks = new Map<string, Ask>()
const closing: (() => void)[] = []
const log = { info: () => undefined, warn: () => undefined, error: () => undefined }

beforeAll(async () => {
  state = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  makeCertificates(state)
  const port = await freePort()
  const https = { httpsListen: `127.0.0.1:${port}`, httpsCertificate: `${state}/server.pem`, httpsKey: `${state}/server.key` }
  writeFileSync(`${state}/settings.json`, JSON.stringify(https))
  core = openCore({ stateDirectory: state, recovers: false, background: async () => undefined })
  const about = { stateDirectory: state, version: '0', startedAt: '', socket: `${state}/nova.sock` }
  const table = { names: async () => names, load: loadAction }
  const desk = openDesk({ core, actions: table, log, about, reload: () => core.reload(), stopping: () => undefined })
  doors = await openDoors({ core, desk, log, about })
  const embedded = (roles: readonly Role[]) => ({ userId: 'ann', projectId: 'web', roles })
  const quiet = { signal: new AbortController().signal, progress: () => undefined }
  asks.set('embedded', async (method, params, roles) => {
    const { $call: { plan } = { plan: false }, ...input } = params as { $call?: { plan: boolean } }
    return core.perform(await loadAction(method), input, { ...quiet, plan, caller: embedded(roles) })
  })
  const socket = await openSocketClient(about.socket)
  if (!socket) throw new Error('the socket is not there')
  asks.set('socket', (method, params, roles) =>
    socket.call(method, { ...params, $call: { ...Object(Reflect.get(params, '$call')), ...embedded(roles) } }),
  )
  closing.push(() => socket.close())
  const clients = new Map<string, ReturnType<typeof openHttpsClient>>()
  asks.set('https', async (method, params, roles) => {
    const key = roles.join()
    const client = clients.get(key) ?? (await clientFor(roles, port))
    clients.set(key, client)
    return client.call(method, params)
  })
})
afterAll(async () => {
  for (const close of closing) close()
  await doors.close()
  await core.close()
  rmSync(state, { recursive: true, force: true })
})

async function clientFor(roles: readonly Role[], port: number) {
  const made = Object(await asks.get('socket')?.('token.create', { name: 't', user: 'ann', in: 'web', roles }, ['admin']))
  const authority = readFileSync(`${state}/ca.pem`, 'utf8')
  const client = openHttpsClient({ url: new URL(`https://localhost:${port}`), token: String(made.token), authority })
  closing.push(() => client.close())
  return client
}

/** What each door says to a call: the answer, or the fault without what differs by nature. */
async function everywhere(method: string, params: object, roles: readonly Role[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const ask of asks.values())
    answers.push(
      await ask(method, params, roles).catch((error: unknown) => {
        if (!(error instanceof Fault)) throw error
        return { kind: error.kind, message: error.message, hint: error.hint, details: error.details }
      }),
    )
  return answers.map((answer) => JSON.parse(JSON.stringify(answer)))
}

describe('every door', () => {
  it.each([
    ['flavor.list', {}],
    ['flavor.show', { flavor: 'm1.tiny' }],
    ['flavor.show', { flavor: 'm1.tyni' }],
    ['server.list', { limit: 0 }],
    ['server.list', { colour: 'red' }],
    ['server.create', { name: 'web-1', flavor: 'm1.tiny', $call: { plan: true } }],
    ['limits.show', {}],
    ['request.undo', { change: '1' }],
    ['request.undo', { change: 'req-nobody' }],
  ])('gives the same answer to %s %j', async (method, params) => {
    const [first, ...others] = await everywhere(method, params, ['member'])
    for (const other of others) expect(strip(other)).toEqual(strip(first))
  })

  it.each(actions.map((action) => [action.name, action] as const))('has the same verdict on %s', async (name, { policy }) => {
    const ranks = { reader: 1, member: 2, admin: 3 } as const
    for (const role of ['reader', 'member', 'admin'] as const) {
      const allowed = ranks[role] >= ranks[policy as Role]
      const verdicts = (await everywhere(name, { $call: { plan: true }, nonsense: 1 }, [role])).map(verdictOf)
      expect([role, ...verdicts]).toEqual([role, ...Array(3).fill(allowed ? 'invalid' : 'forbidden')])
    }
  })

  it('heeds the policy file, by our names and by those of Nova', async () => {
    writeFileSync(`${state}/policy.json`, JSON.stringify({ 'os_compute_api:servers:index': 'role:admin', 'flavor.list': '!' }))
    await core.reload()
    expect((await everywhere('server.list', {}, ['member'])).map(verdictOf)).toEqual(Array(3).fill('forbidden'))
    expect((await everywhere('server.list', {}, ['admin'])).map(verdictOf)).toEqual(Array(3).fill('answer'))
    expect((await everywhere('flavor.list', {}, ['admin'])).map(verdictOf)).toEqual(Array(3).fill('forbidden'))
    writeFileSync(`${state}/policy.json`, JSON.stringify({ 'os_compute_api:servers:indexx': 'role:admin' }))
    await expect(core.reload()).rejects.toThrow('there is no rule os_compute_api:servers:indexx')
    expect((await everywhere('server.list', {}, ['member'])).map(verdictOf)).toEqual(Array(3).fill('forbidden'))
    rmSync(`${state}/policy.json`)
    await core.reload()
  })
})

const verdictOf = (answer: unknown) => Reflect.get(Object(answer), 'kind') ?? 'answer'

/** Request ids, times and new ids differ by nature. */
const strip = (answer: unknown): unknown =>
  JSON.parse(
    JSON.stringify(answer)
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME'),
  )
