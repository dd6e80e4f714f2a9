/** A daemon's socket: bad frames, floods and slow readers harm nobody else. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aDaemon, aStateWithHosts, type Daemon, misbehave, rawConnection, removeState } from '../support/a-daemon.ts'
import { eventually } from '../support/eventually.ts'

let state: string
let daemon: Daemon

beforeAll(async () => {
  state = await aStateWithHosts('h1')
  writeFileSync(path.join(state, 'settings.json'), JSON.stringify({ rpcMaxRunning: 2, rpcMaxWaiting: 2 }))
  daemon = await aDaemon(state)
})
afterAll(async () => {
  daemon.kill('SIGTERM')
  await daemon.ended
  removeState(state)
})

const rpc = (method: string, params: object = {}, id: unknown = 1) => JSON.stringify({ jsonrpc: '2.0', id, method, params })

describe('the socket', () => {
  const wrong: readonly (readonly [what: string, frame: string, code: number])[] = [
    ['no JSON', '{oops', -32700],
    ['a number', '7', -32600],
    ['an empty batch', '[]', -32600],
    ['a batch of 101', `[${Array(101).fill(rpc('ping')).join(',')}]`, -32600],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}', -32600],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600],
    ['positional parameters', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}', -32602],
    ['a wrong $call', rpc('server.list', { $call: { plan: 'yes' } }), -32602],
    ['an unknown method', rpc('server.explode'), -32601],
    ['a method of the prototype', rpc('constructor'), -32601],
    ['an unknown field', rpc('server.list', { colour: 'red' }), -32602],
    ['a field of the prototype', '{"jsonrpc":"2.0","id":1,"method":"server.list","params":{"__proto__":{"limit":1}}}', -32602],
    ['40 levels', rpc('server.list', { filter: JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`) }), -32600],
  ]
  it('answers bad frames with their codes, and goes on', async () => {
    const raw = await rawConnection(daemon.socket)
    for (const [what, frame, code] of wrong) {
      raw.send(`${frame}\n`)
      expect([what, await raw.next()]).toMatchObject([what, { error: { code } }])
    }
    raw.send(`${rpc('ping')}\n`)
    expect(await raw.next()).toEqual({ jsonrpc: '2.0', id: 1, result: 'pong' })
    raw.socket.destroy()
  })

  it('closes a connection whose frame is too long, and no other', async () => {
    const raw = await rawConnection(daemon.socket)
    raw.send('x'.repeat(1024 ** 2 + 10))
    expect(await raw.next()).toMatchObject({ error: { code: -32600 } })
    await raw.closed
    expect(await (await daemon.client()).call('ping', {})).toBe('pong')
  })

  it('answers batches together, notifications never, and a client that has ended its side', async () => {
    const raw = await rawConnection(daemon.socket)
    const quiet = JSON.stringify({ jsonrpc: '2.0', method: 'ping' })
    raw.send(`${quiet}\n[${rpc('ping', {}, 'a')},${quiet},${rpc('nothing', {}, 'b')}]\n`)
    raw.socket.end()
    const answers = await raw.next()
    expect(answers).toMatchObject([
      { id: 'a', result: 'pong' },
      { id: 'b', error: { code: -32601 } },
    ])
    await raw.closed
  })

  it('refuses what finds no place in the line, and cancels what nobody waits for', async () => {
    misbehave(state, 'h1', [{ call: 'spawn', mode: 'slow', ms: 800 }])
    const client = await daemon.client()
    const boots = ['f1', 'f2', 'f3', 'f4', 'f5', 'f6'].map((name) =>
      client.call('server.create', { name, flavor: 'm1.tiny', nic: 'none' }).then(
        () => 'built',
        (fault) => fault,
      ),
    )
    const outcomes = await Promise.all(boots)
    expect(outcomes.filter((outcome) => outcome === 'built')).toHaveLength(4)
    const refused = outcomes.filter((outcome) => outcome !== 'built')
    expect(refused).toMatchObject([
      { kind: 'unreachable', details: { retryAfterSeconds: 1 } },
      { kind: 'unreachable', details: { retryAfterSeconds: 1 } },
    ])
    misbehave(state, 'h1', [{ call: 'spawn', mode: 'slow', ms: 4000 }])
    const raw = await rawConnection(daemon.socket)
    raw.send(`${rpc('server.create', { name: 'left', flavor: 'm1.tiny', nic: 'none' }, 'boot')}\n`)
    await eventually('it is being built', async () => JSON.stringify(await client.call('server.list', {})).includes('"left"'))
    raw.send(`${rpc('cancel', { id: 'boot' }, 'stop')}\n`)
    const both = [await raw.next(), await raw.next()]
    expect(both).toContainEqual({ jsonrpc: '2.0', id: 'stop', result: { cancelled: true } })
    expect(both).toContainEqual(
      expect.objectContaining({ id: 'boot', error: expect.objectContaining({ message: 'the call was cancelled' }) }),
    )
    await eventually(
      'the boot went on',
      async () => Object(await client.call('server.show', { server: 'left' })).status === 'ACTIVE',
    )
    rmSync(path.join(state, 'instances', 'h1', 'faults.json'))
  })

  it('lets no slow reader cost more than its own connection', async () => {
    const raw = await rawConnection(daemon.socket)
    raw.socket.pause()
    for (let index = 0; index < 20_000; index++) raw.send(`${rpc('server.list', {}, index)}\n`)
    const client = await daemon.client()
    for (let index = 0; index < 20; index++) expect(await client.call('ping', {})).toBe('pong')
    raw.socket.destroy()
    const { rss } = rssOf(daemon.pid)
    expect(rss).toBeLessThan(400 * 1024 ** 2)
  })
})

/** Resident bytes of a process. */
function rssOf(pid: number): { rss: number } {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return { rss: Number(kb) * 1024 }
}
