/** Rules of the doors of a daemon: projects apart, tokens, what comes from browsers, what tenants are told of failures. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { AnyAction } from '../../src/core/action.ts'
import type { FaultKind } from '../../src/core/fault.ts'
import { type Field, fieldsOf } from '../../src/core/schema.ts'
import { aDoor, everyAction, type OpenDoors } from '../support/open-doors.ts'

let door: OpenDoors
const tokens = { ann: '', bob: '', reader: '', admin: '' }

beforeAll(async () => {
  door = await aDoor(['secrethost1', 'secrethost2'])
  tokens.ann = await door.token('ann', 'alpha', ['member'])
  tokens.bob = await door.token('bob', 'beta', ['member'])
  tokens.reader = await door.token('rita', 'alpha', ['reader'])
  tokens.admin = await door.token('ada', 'alpha', ['admin'])
})
afterAll(() => door.close())

const boot = (name: string) => ({ name, flavor: 'm1.tiny', nic: 'none', configDrive: false })
const missing = '00000000-0000-4000-8000-000000000000'

describe('S21 a foreign server looks exactly like a missing one', () => {
  /** Everything of the first project that has a name or an id. */
  async function belongingsOfAlpha(): Promise<string[]> {
    const { result } = (await door.call(tokens.ann, 'server.create', boot('alpha-web'))).answer
    await door.call(tokens.ann, 'server-group.create', { name: 'alpha-group', policy: 'anti-affinity' })
    await door.call(tokens.ann, 'keypair.create', { name: 'alpha-key' })
    await door.call(tokens.ann, 'server.create', boot('alpha-web-2'))
    const ids: string[] = ['alpha-web', 'alpha-group', 'alpha-key']
    for (const method of ['server.list', 'server-group.list', 'request.list', 'token.list', 'operation.list', 'event.list'])
      ids.push(...idsIn((await door.call(tokens.ann, method)).text))
    expect(ids).toContain(Reflect.get(Object(result), 'id'))
    return [...new Set(ids)]
  }

  it('in no answer of any action, whatever of it is named', async () => {
    const foreign = await belongingsOfAlpha()
    const shared = new Set(idsIn((await door.call(tokens.bob, 'flavor.list')).text))
    const secret = foreign.filter((id) => !shared.has(id))
    expect(secret.length).toBeGreaterThan(8)
    const [sampleId = ''] = secret.filter((id) => id.length === 36)
    const differing: string[] = []
    let asked = 0
    for (const action of (await everyAction()).filter(({ policy, name }) => policy !== 'admin' && !slow.has(name)))
      for (const { field, input } of waysToName(action))
        for (const id of /group|key/i.test(`${action.name}${field}`)
          ? ['alpha-group', 'alpha-key', sampleId]
          : ['alpha-web', sampleId]) {
          const [there, nowhere] = [
            await ask(action, input(id)),
            await ask(action, input(id.length === 36 ? missing : 'nothing')),
          ]
          asked += 1
          const plain = (text: string) => normal(text).replaceAll(id, 'IT').replaceAll(missing, 'IT').replaceAll('nothing', 'IT')
          if (plain(there) !== plain(nowhere))
            differing.push(`${action.name} ${field}=${id}: ${plain(there)} / ${plain(nowhere)}`)
        }
    expect(asked).toBeGreaterThan(200)
    expect(differing).toEqual([])
    for (const { name } of (await everyAction()).filter(({ effect, policy }) => effect === 'read' && policy !== 'admin')) {
      if (slow.has(name)) continue
      const reachable = idsIn((await door.call(tokens.bob, name)).text)
      expect([name, reachable.filter((id) => secret.includes(id))]).toEqual([name, []])
    }
  })

  const slow = new Set(['server.wait', 'server.ssh', 'server.console-attach'])
  const ask = async (action: AnyAction, input: object) =>
    (await door.call(tokens.bob, action.name, { ...input, ...(action.effect === 'read' ? {} : { $call: { plan: true } }) })).text
  const idsIn = (text: string) => text.match(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g) ?? []
  /** Request ids and times differ by nature; a nearest name is one of the caller's own. */
  const normal = (text: string) => text.replace(/req-[0-9a-f-]{36}/g, 'REQ').replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')

  /** For each text field of an action an input that names something there and is complete otherwise. */
  function waysToName(action: AnyAction): { field: string; input: (id: string) => object }[] {
    const fields = fieldsOf(action.input)
    const rest = fields.filter(({ required }) => required).map((field) => [field.name, plausible(field)] as const)
    return fields
      .filter(({ kind, name }) => ['string', 'list'].includes(kind) && !['name', 'newName'].includes(name))
      .map(({ name, kind }) => ({
        field: name,
        input: (id: string) => ({ ...Object.fromEntries(rest), [name]: kind === 'list' ? [id] : id }),
      }))
  }

  const plausible = ({ kind, options, minimum }: Field): unknown =>
    ({ string: 'nothing', number: minimum ?? 1, integer: minimum ?? 1, boolean: true, enum: options[0], list: [], pairs: [] })[
      kind
    ]
})

describe('S26 nothing that a page can make a browser do reaches the door', () => {
  const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping', params: {} })

  it.each<readonly [host: string, status: number]>([
    ['localhost', 200],
    ['LOCALHOST:443', 200],
    ['127.0.0.1', 200],
    ['rebound.example', 421],
    ['localhost.rebound.example', 421],
    ['127.0.0.2', 421],
    ['localhost:x', 421],
  ])('Host %j → %i: only the names of the certificate', async (host, status) => {
    expect((await door.post(tokens.ann, ping, { host })).status).toBe(status)
  })

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'application/jsonx',
    '\tapplication/xml',
    'application/json ,text/plain',
    'APPLICATION/XML;application/json',
  ])('content type %j is 415 before anything is read', async (type) => {
    expect((await door.post(tokens.ann, '{}', { 'content-type': type })).status).toBe(415)
  })

  it('answers no Origin, sets no cookie, allows no other site', async () => {
    for (const origin of ['https://localhost', 'null', 'https://evil.example'])
      expect((await door.post(tokens.ann, ping, { origin })).status).toBe(403)
    const { headers, status } = await door.post('', ping, { authorization: '', cookie: `token=${tokens.ann}` })
    expect(status).toBe(401)
    expect(Object.keys(headers).filter((name) => /^(set-cookie|access-control-)/.test(name))).toEqual([])
  })

  it('keeps its socket for its owner, its batches short and its fields known', async () => {
    expect(statSync(`${door.state}/nova.sock`).mode & 0o777).toBe(0o600)
    expect((await door.post(tokens.ann, `[${Array(101).fill(ping).join(',')}]`)).text).toContain('the limit is 100')
    expect((await door.call(tokens.ann, 'server.list', { colour: 1 })).answer.error?.message).toBe('unknown field colour')
  })
})

describe('S27 a token opens as long as it is valid, and is kept as a hash', () => {
  it('is refused from the moment that it is revoked, by the right holder too', async () => {
    const token = await door.token('eve', 'alpha', ['member'])
    const [, id = '', secret = ''] = token.split('_')
    expect((await door.call(token, 'server.list')).status).toBe(200)
    await door.admin('token.revoke', { id })
    for (let tries = 0; tries < 3; tries++) {
      const { status, text } = await door.call(token, 'server.list')
      expect([status, text.includes('was revoked')]).toEqual([401, true])
    }
    expect(secret).toMatch(/^[0-9a-f]{64}$/)
    expect(readFileSync(`${door.state}/journal.0.jsonl`, 'utf8')).not.toContain(secret)
  })
})

describe('S39 tenants are told the kind of a failure and the request to ask about', () => {
  const inside = /secrethost|\/var\/lib|qemu-img|convert -O/
  const golden: readonly (readonly [kind: FaultKind, message: string])[] = [
    ['internal', 'nova could not do this'],
    ['unreachable', 'a host does not answer'],
    ['timeout', 'a host did not answer in time'],
    ['conflict', 'the state of the server on its host does not allow this'],
    ['unsupported', 'the host of this server cannot do this'],
  ]
  const misbehave = (faults: readonly object[]) => {
    for (const host of ['secrethost1', 'secrethost2']) {
      mkdirSync(`${door.state}/instances/${host}`, { recursive: true })
      writeFileSync(`${door.state}/instances/${host}/faults.json`, JSON.stringify(faults))
    }
  }
  afterEach(() => misbehave([]))

  it('golden by role: what a host says of a stop', async () => {
    await door.call(tokens.ann, 'server.create', boot('steady'))
    for (const [kind, message] of golden) {
      misbehave([{ call: 'stop', mode: 'fail', kind, message: 'host secrethost1: qemu-img convert -O raw /var/lib/x: no space' }])
      const told = (await door.call(tokens.ann, 'server.stop', { servers: ['steady'] })).answer.error
      const { requestId, ...data } = Object(told?.data)
      expect(requestId).toMatch(/^req-/)
      expect(data).toEqual({ kind, message, hint: 'ask an administrator, with the request id' })
      expect((await door.call(tokens.admin, 'server.stop', { servers: ['steady'] })).text).toMatch(inside)
    }
    expect((await door.call(tokens.reader, 'server.stop', { servers: ['steady'] })).text).toContain('needs the role member')
  })

  it('in the records of a boot that failed on its host too', async () => {
    const message = 'host secrethost1: qemu-img convert -O raw /var/lib/x: no space'
    misbehave([{ call: 'spawn', mode: 'fail', kind: 'internal', message }])
    expect((await door.call(tokens.ann, 'server.create', boot('doomed'))).text).not.toMatch(inside)
    const asked = { server: 'doomed' }
    const fault = Object((await door.call(tokens.reader, 'server.show', asked)).answer.result).fault
    const events = (await door.call(tokens.reader, 'server.events', asked)).text
    expect([JSON.stringify(fault), events].filter((text) => inside.test(text))).toEqual([])
    expect((await door.call(tokens.admin, 'server.events', asked)).text).toMatch(inside)
  })

  it('says why no host was found without naming one', async () => {
    const big = await door.admin('flavor.create', { name: 'giant', ram: 1_000_000_000, vcpus: 1, disk: 1 })
    expect(big).toMatchObject({ name: 'giant' })
    await door.admin('quota.set', { project: 'alpha', ram: -1 })
    const { text } = await door.call(tokens.ann, 'server.create', { ...boot('giant'), flavor: 'giant' })
    expect(text).toContain('no-valid-host')
    expect(text).not.toMatch(inside)
    await door.admin('quota.set', { project: 'alpha', ram: 51_200 })
  })
})

describe('S43 the door speaks TLS 1.2 and 1.3 only', () => {
  const handshake = (maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') =>
    new Promise<string>((resolve) => {
      const minVersion = maxVersion === 'TLSv1.1' ? 'TLSv1' : maxVersion
      const options = {
        host: '127.0.0.1',
        port: door.port,
        ca: readFileSync(`${door.state}/ca.pem`),
        minVersion,
        maxVersion,
      } as const
      // Level 0 lets this side offer what the library itself has given up.
      const socket = connect({ ...options, servername: 'localhost', ciphers: 'DEFAULT:@SECLEVEL=0' })
      socket.once('secureConnect', () => resolve(socket.getProtocol() ?? ''))
      socket.once('error', () => resolve('refused'))
      socket.once('close', () => resolve('refused'))
    })
  it.each([
    ['TLSv1.1', 'refused'],
    ['TLSv1.2', 'TLSv1.2'],
    ['TLSv1.3', 'TLSv1.3'],
  ] as const)('%s → %s', async (version, spoken) => expect(await handshake(version)).toBe(spoken))
})
