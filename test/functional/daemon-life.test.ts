/** A daemon's life: started, found by the command line, drained, killed, followed by another. */
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ProgressEvent } from '../../src/core/ports.ts'
import { aDaemon, aStateWithHosts, misbehave, removeState } from '../support/a-daemon.ts'
import { nova, novaJson } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'

let state: string
beforeAll(async () => {
  state = await aStateWithHosts('h1')
})
afterAll(() => removeState(state))

const slowSpawn = [{ call: 'spawn', mode: 'slow', ms: 20_000 }]
const heal = () => rmSync(path.join(state, 'instances', 'h1', 'faults.json'), { force: true })
const lines = () => readFileSync(path.join(state, 'daemon.log'), 'utf8').trim().split('\n')

describe('nova daemon', () => {
  it('starts in the background, is found by every command, and stops', async () => {
    const status = async () => novaJson(['daemon', 'status'], { state }).catch(() => undefined)
    expect(await status()).toBeUndefined()
    expect((await nova(['daemon', 'start'], { state })).code).toBe(0)
    expect(await status()).toMatchObject({ running: true, stopping: false })
    expect(statSync(path.join(state, 'nova.sock')).mode & 0o777).toBe(0o600)

    const again = await nova(['daemon', 'start'], { state })
    expect(again).toMatchObject({ code: 7 })
    expect(again.stderr).toContain('already')
    const foreground = await nova(['daemon', 'run'], { state })
    expect(foreground).toMatchObject({ code: 7 })
    expect(foreground.stderr).toContain('another daemon, process')

    const booted = await nova(['boot', 'web-1', '--flavor', 'm1.tiny'], { state })
    expect(booted.code).toBe(0)
    expect(booted.stderr).toContain('create web-1: spawn done')
    const logged = lines().map((line) => JSON.parse(line))
    expect(logged).toContainEqual(expect.objectContaining({ method: 'server.create', requestId: expect.stringMatching(/^req-/) }))
    expect((await nova(['daemon', 'logs'], { state })).stdout).toContain('server.create')

    expect((await nova(['daemon', 'stop'], { state })).code).toBe(0)
    expect(await status()).toBeUndefined()
    expect(await novaJson(['show', 'web-1'], { state })).toMatchObject({ status: 'ACTIVE' })
  })

  it('stops at a step boundary on SIGTERM, and the next nova goes on', async () => {
    // What follows a spawn needs no host and shares its record: the last boundary is before it.
    misbehave(state, 'h1', [{ call: 'createDisks', mode: 'slow', ms: 5000 }])
    const daemon = await aDaemon(state)
    const client = await daemon.client()
    const events: ProgressEvent[] = []
    const boot = client.call('server.create', { name: 'drained', flavor: 'm1.tiny', $call: { progress: true } }, (event) =>
      events.push(event),
    )
    const outcome = boot.then(
      () => 'done',
      (fault) => fault.message,
    )
    await eventually('its disks are made', async () => events.some((event) => event.type === 'step' && event.step === 'disks'))
    daemon.kill('SIGTERM')
    await eventually('new calls are refused', async () => {
      const refused = Object(await client.call('server.list', {}).catch((fault) => fault))
      return refused.details?.retryAfterSeconds === 5
    })
    expect(await outcome).toContain('goes on when nova runs again')
    expect((await daemon.ended).code).toBe(0)
    const off = { state, env: { NOVA_DAEMON: 'off' } }
    expect(await novaJson(['show', 'drained'], off)).toMatchObject({ status: 'BUILD' })
    heal()
    const next = await aDaemon(state)
    await eventually('it is built', async () => {
      const server = Object(await novaJson(['show', 'drained'], { state }))
      return server.status === 'ACTIVE'
    })
    next.kill('SIGTERM')
    await next.ended
    const operations = await novaJson(['server', 'events', 'drained'], off)
    expect(operations).toHaveLength(1)
  })

  it('loses nothing that was committed when it is killed, and the next one finishes it', async () => {
    misbehave(state, 'h1', slowSpawn)
    const daemon = await aDaemon(state)
    const client = await daemon.client()
    const started: string[] = []
    const boots = ['k1', 'k2', 'k3'].map((name) =>
      client
        .call('server.create', { name, flavor: 'm1.tiny', $call: { progress: true } }, (event) => {
          if (event.type === 'step' && event.step === 'spawn') started.push(name)
        })
        .catch((fault) => fault.kind),
    )
    await eventually('all are being built', async () => new Set(started).size === 3)
    daemon.kill()
    expect(await Promise.all(boots)).toEqual(['unreachable', 'unreachable', 'unreachable'])
    heal()
    const next = await aDaemon(state)
    await eventually('they are built', async () => {
      const list = await novaJson(['list'], { state })
      return Array.isArray(list) && list.filter(({ name, status }) => /^k\d$/.test(name) && status === 'ACTIVE').length === 3
    })
    next.kill('SIGTERM')
    expect((await next.ended).code).toBe(0)
    expect((await nova(['doctor'], { state })).code).toBe(0)
  })

  it('takes new settings without an end, and keeps the old ones when the new are wrong', async () => {
    const daemon = await aDaemon(state)
    const file = path.join(state, 'settings.json')
    writeFileSync(file, JSON.stringify({ maxInstancesPerHost: 1 }))
    expect((await nova(['daemon', 'reload'], { state })).code).toBe(0)
    const refused = await nova(['boot', 'one-too-many', '--flavor', 'm1.tiny'], { state })
    expect(refused).toMatchObject({ code: 6 })
    writeFileSync(file, JSON.stringify({ maxInstances: 1 }))
    const wrong = await nova(['daemon', 'reload'], { state })
    expect(wrong).toMatchObject({ code: 2 })
    expect(wrong.stderr).toContain('unknown setting "maxInstances"')
    rmSync(file)
    daemon.kill('SIGHUP')
    await eventually('the old settings are back', async () => {
      const { code } = await nova(['boot', 'fits', '--flavor', 'm1.tiny'], { state })
      return code === 0
    })
    daemon.kill('SIGTERM')
    await daemon.ended
  })
})
