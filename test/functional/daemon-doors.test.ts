/** A daemon's HTTPS door: callers are known by their tokens, kept in their projects, and noted. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDaemon, aStateWithHosts, type Daemon, removeState } from '../support/a-daemon.ts'
import { makeCertificates } from '../support/certificates.ts'
import { nova, novaJson } from '../support/cli.ts'
import { freePort } from '../support/free-port.ts'

let state: string
let daemon: Daemon
let pki: string
let url: string
let metricsUrl: string
const tokens = new Map<string, string>()

beforeAll(async () => {
  state = await aStateWithHosts('h1')
  pki = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  makeCertificates(pki)
  const [port, metricsPort] = [await freePort(), await freePort()]
  url = `https://localhost:${port}`
  metricsUrl = `http://127.0.0.1:${metricsPort}`
  const settings = {
    httpsListen: `127.0.0.1:${port}`,
    httpsCertificate: path.join(pki, 'server.pem'),
    httpsKey: path.join(pki, 'server.key'),
    metricsListen: `127.0.0.1:${metricsPort}`,
    tokenFailuresPerMinute: 20,
  }
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify(settings))
  daemon = await aDaemon(state)
  await novaJson(['boot', 'near', '--flavor', 'm1.tiny', '--nic', 'none'], { state })
  for (const [role, project] of [
    ['reader', 'web'],
    ['member', 'web'],
    ['admin', 'ops'],
  ] as const) {
    const made = Object(
      await novaJson(['token', 'create', role, '--user', role, '--project', project, '--role', role], { state }),
    )
    tokens.set(role, made.token)
  }
})
afterAll(async () => {
  daemon.kill('SIGTERM')
  await daemon.ended
  removeState(state)
  rmSync(pki, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly text: string
}

/** One POST as any client would send it. */
function post(body: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = {
      method: 'POST',
      ca: readFileSync(path.join(pki, 'ca.pem')),
      headers: { 'content-type': 'application/json', ...headers },
    }
    const sent = request(`${url}/rpc`, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const bearer = (role: string) => ({ authorization: `Bearer ${tokens.get(role) ?? ''}` })
const rpc = (method: string, params: object = {}, id: unknown = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params })
const remote = (role: string) => ({
  state: pki,
  env: { NOVA_ENDPOINT: url, NOVA_TOKEN: tokens.get(role) ?? '', NOVA_CA_FILE: path.join(pki, 'ca.pem') },
})

describe('https', () => {
  it('knows its callers by their tokens alone', async () => {
    const asked = rpc('server.list')
    expect((await post(asked, bearer('reader'))).status).toBe(200)
    expect((await post(asked, {})).status).toBe(401)
    const [, id, secret] = (tokens.get('reader') ?? '').split('_')
    const wrong = ['', 'Bearer', 'Bearer x', `Bearer nova_${id}_${'0'.repeat(64)}`, `Bearer nova_${'0'.repeat(32)}_${secret}`]
    for (const authorization of wrong) {
      const answer = await post(asked, { authorization })
      expect([authorization, answer.status, answer.headers['www-authenticate']]).toEqual([authorization, 401, 'Bearer'])
    }
    expect((await post(asked, { ...bearer('reader'), origin: 'https://evil.example' })).status).toBe(403)
    expect((await post(asked, { ...bearer('reader'), 'content-type': 'text/plain' })).status).toBe(415)
    expect((await post(asked, { ...bearer('reader'), 'content-type': 'application/json; charset=utf-8' })).status).toBe(200)
    expect((await post('{', bearer('reader'))).text).toContain('-32700')
    expect((await post(`"${'x'.repeat(1024 ** 2)}"`, bearer('reader'))).status).toBe(413)
  })

  it('keeps callers in their project and their roles', async () => {
    expect((await post(rpc('host.add', { name: 'h2', driver: 'fake' }), bearer('member'))).status).toBe(403)
    expect((await post(rpc('server.create', { name: 'x', flavor: 'm1.tiny' }), bearer('reader'))).status).toBe(403)
    expect((await post(rpc('server.list', { $call: { projectId: 'default' } }), bearer('member'))).status).toBe(403)
    expect((await post(rpc('server.list', { $call: { roles: ['admin'] } }), bearer('member'))).status).toBe(403)
    expect((await post(rpc('server.list', { $call: { userId: 'eve' } }), bearer('admin'))).status).toBe(403)
    expect(JSON.parse((await post(rpc('server.list'), bearer('member'))).text).result).toEqual([])
    const other = JSON.parse((await post(rpc('server.list', { $call: { projectId: 'default' } }), bearer('admin'))).text)
    expect(other.result).toMatchObject([{ name: 'near' }])
    expect((await post(rpc('image.create', { name: 'x', source: '/etc/passwd' }), bearer('member'))).text).toContain('upload')
  })

  it('serves the command line: live steps, uploads, faults with their exit codes', async () => {
    const booted = await nova(['boot', 'far', '--flavor', 'm1.tiny', '--nic', 'none'], remote('member'))
    expect(booted).toMatchObject({ code: 0 })
    expect(booted.stderr).toContain('create far: spawn done')
    expect((await nova(['show', 'nowhere'], remote('member'))).code).toBe(3)
    expect((await nova(['host', 'list'], remote('member'))).code).toBe(4)
    const file = path.join(pki, 'disk.raw')
    writeFileSync(file, Buffer.alloc(3 * 1024 ** 2, 7))
    const image = await nova(['image', 'create', 'sent', '--file', file, '--disk-format', 'raw', '--json'], remote('member'))
    expect([image.code, JSON.parse(image.stdout).sizeBytes ?? JSON.parse(image.stdout).size]).toEqual([0, 3 * 1024 ** 2])
    const untrusted = await nova(['list'], { ...remote('member'), env: { ...remote('member').env, NOVA_CA_FILE: '' } })
    expect(untrusted).toMatchObject({ code: 9 })
    expect(untrusted.stderr).toContain('NOVA_CA_FILE')
  })

  it('closes to a token when it is revoked, and to an address that guesses', async () => {
    const [, id = ''] = (tokens.get('reader') ?? '').split('_')
    expect((await nova(['token', 'revoke', id, '--yes'], { state })).code).toBe(0)
    expect((await post(rpc('server.list'), bearer('reader'))).text).toContain('was revoked')
    for (let tries = 0; tries < 25; tries++) await post(rpc('ping'), { authorization: 'Bearer guess' })
    const late = await post(rpc('ping'), bearer('member'))
    expect(late.status).toBe(429)
    expect(Number(late.headers['retry-after'])).toBeGreaterThan(0)
  })
})

describe('what is kept of calls', () => {
  it('is one audit entry for each change, with the door and no secret', async () => {
    const entries = Object(await novaJson(['audit', 'list', '--action', 'server.create', '--limit', '1000'], { state }))
    expect(entries).toContainEqual(expect.objectContaining({ door: 'https', userId: 'member', projectId: 'web', outcome: 'ok' }))
    expect(entries).toContainEqual(expect.objectContaining({ door: 'https', userId: 'reader', outcome: 'forbidden' }))
    expect(entries.filter((entry: { input: { name: string } }) => entry.input.name === 'far')).toHaveLength(1)
    const kept = readFileSync(path.join(state, 'audit.log'), 'utf8') + readFileSync(path.join(state, 'journal.0.jsonl'), 'utf8')
    for (const token of tokens.values()) expect(kept).not.toContain(token.split('_')[2])
    const changing = await novaJson(['boot', 'secretive', '--flavor', 'm1.tiny', '--nic', 'none', '--user-data', '-'], { state })
    expect(changing).toMatchObject({ name: 'secretive' })
    expect(readFileSync(path.join(state, 'audit.log'), 'utf8')).toContain('"outcome":"ok"')
  })

  it('is told as metrics and health', async () => {
    expect(await (await fetch(`${metricsUrl}/healthz`)).json()).toEqual({ ok: true })
    expect(await (await fetch(`${metricsUrl}/readyz`)).json()).toMatchObject({ ok: true })
    const text = await (await fetch(`${metricsUrl}/metrics`)).text()
    expect(text).toMatch(/nova_requests_total\{method="server.create",outcome="ok"\} \d+/)
    expect(text).toMatch(/nova_host_up\{host="h1",enabled="true"\} 1/)
    expect(text.split('\n').filter((line) => !/^(# (HELP|TYPE) \S+ .+|\w+(\{.*\})? [\d.e+-]+|)$/.test(line))).toEqual([])
    expect((await fetch(`${metricsUrl}/rpc`, { method: 'POST', body: rpc('ping') })).status).toBe(404)
  })
})
