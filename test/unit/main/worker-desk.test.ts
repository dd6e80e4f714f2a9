/** What a daemon that only serves hosts says at its door: how it is, and that others have the records. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { list } from '../../../src/actions/server/list.ts'
import { requestCounts } from '../../../src/api/request-counts.ts'
import { openSocketClient } from '../../../src/api/socket-client.ts'
import { Fault } from '../../../src/core/fault.ts'
import { openWorkerDesk } from '../../../src/main/worker-desk.ts'
import { defaultSettings } from '../../../src/settings.ts'
import { freePort } from '../../support/free-port.ts'

const ignore = () => undefined
const log = { info: ignore, warn: ignore, error: ignore }

async function aWorker(metricsListen = '') {
  const stateDirectory = mkdtempSync(path.join(os.tmpdir(), 'nk-'))
  const counts = requestCounts()
  const now: { silent: number; running: number; stop: Fault | undefined } = { silent: 0, running: 0, stop: undefined }
  const desk = await openWorkerDesk({
    stateDirectory,
    version: '1.2.3',
    actions: { names: async () => ['server.list'], load: async () => list },
    settings: { ...defaultSettings, daemonHosts: ['kvm1', 'kvm2'], metricsListen },
    log,
    worker: {
      get running() {
        return now.running
      },
    },
    counts,
    bus: { counts: { repeated: 2, unreadable: 0, late: 3 } },
    silentMs: () => now.silent,
    stopping: () => now.stop,
  })
  const socket = path.join(stateDirectory, 'nova.sock')
  const client = await openSocketClient(socket)
  if (!client) throw new Error('nobody listens')
  onTestFinished(async () => {
    client.close()
    await desk.close()
    rmSync(stateDirectory, { recursive: true, force: true })
  })
  return { now, counts, ask: (method: string) => client.call(method, {}), socket, desk }
}

describe('a worker', () => {
  it('says what it does', async () => {
    const { ask, now } = await aWorker()
    now.running = 3
    expect(await ask('daemon.status')).toMatchObject({
      version: '1.2.3',
      pid: process.pid,
      running: 3,
      connections: 1,
      stopping: false,
    })
    now.stop = new Fault('unreachable', 'the daemon is going down')
    expect(await ask('daemon.status')).toMatchObject({ stopping: true })
  })

  it('is well while a conductor answers it', async () => {
    const { ask, now } = await aWorker()
    expect(await ask('health')).toEqual({ ok: true })
    now.silent = defaultSettings.downAfterMs + 1
    expect(await ask('health')).toEqual({ ok: false })
  })

  it('counts what its hosts were asked', async () => {
    const { ask, counts } = await aWorker()
    counts.note('compute.spawn', undefined, 12)
    const text = await ask('metrics')
    expect(text).toContain('nova_requests_total{method="compute.spawn",outcome="ok"} 1')
    expect(text).toMatch(/^nova_connections 1$/m)
    expect(text).not.toContain('nova_servers')
  })

  it('counts messages that came again and answers that came too late', async () => {
    const text = await (await aWorker()).ask('metrics')
    expect(text).toMatch(/^nova_bus_repeated_total 2$/m)
    expect(text).toMatch(/^nova_bus_late_answers_total 3$/m)
  })

  it('has no records, and says who has', async () => {
    const { ask } = await aWorker()
    for (const method of ['server.list', 'daemon.top', 'daemon.reload'])
      await expect(ask(method)).rejects.toMatchObject({
        kind: 'unsupported',
        message: 'this daemon serves 2 hosts and has no key to the records',
      })
  })

  it('shows health and metrics on loopback when it is told to', async () => {
    const port = await freePort()
    const { now } = await aWorker(`127.0.0.1:${port}`)
    const get = async (name: string) => (await fetch(`http://127.0.0.1:${port}/${name}`)).status
    expect([await get('readyz'), await get('metrics')]).toEqual([200, 200])
    now.silent = defaultSettings.downAfterMs + 1
    expect(await get('readyz')).toBe(503)
  })

  it('takes its socket away when it ends', async () => {
    const { desk, socket } = await aWorker()
    await desk.close()
    expect(existsSync(socket)).toBe(false)
  })
})
