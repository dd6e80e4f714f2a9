/** Webhooks and periodic tasks of a real daemon, against a real receiver. */
import { createHmac } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aDaemon, type Daemon } from '../support/a-daemon.ts'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { eventually } from '../support/eventually.ts'
import { aReceiver, type Receiver } from '../support/receiver.ts'

let cloud: FakeCloud
let daemon: Daemon | undefined
let receiver: Receiver
const settings = {
  NOVA_SET_WEBHOOK_ALLOW_PRIVATE: 'true',
  NOVA_SET_WEBHOOK_RETRY_SECONDS: '0.05',
  NOVA_SET_WEBHOOK_TIMEOUT_SECONDS: '1',
}

beforeEach(async () => {
  cloud = await aFakeCloud('kvm-1')
  receiver = await aReceiver()
})
afterEach(async () => {
  daemon?.kill()
  await daemon?.ended
  daemon = undefined
  await receiver.close()
  cloud.remove()
})

const start = async (more: Readonly<Record<string, string>> = {}) => {
  daemon = await aDaemon(cloud.state, { ...cloud.env, ...settings, ...more })
}
const boot = (name: string) => cloud.out('boot', name, '--flavor', 'm1.tiny', '--nic', 'none')
const added = async (...more: string[]) => {
  const key = cloud.file('key.txt', 'a secret of sixteen or more\n')
  return cloud.json('webhook', 'add', receiver.url, '--secret-file', key, ...more)
}
const types = () => receiver.taken.map(({ notification }) => notification.event_type)
const isBooted = (count: number) => async () => types().filter((type) => type === 'compute.instance.create.end').length === count
const webhook = async () => (await cloud.rows('webhook', 'list'))[0]

describe('webhooks of a daemon', () => {
  it('deliver every notification in order, signed', async () => {
    await start()
    await added()
    await boot('web-1')
    await eventually('the boot was delivered', isBooted(1))
    const events = (await cloud.rows('events', '--since', '0')).map(({ message_id }) => message_id)
    const ids = receiver.taken.map(({ notification }) => notification.message_id)
    expect(ids).toEqual(events.slice(events.indexOf(ids[0] ?? ''), events.indexOf(ids[0] ?? '') + ids.length))
    for (const { headers, text } of receiver.taken) {
      const [, seconds, hex] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-nova-signature'])) ?? []
      expect(createHmac('sha256', 'a secret of sixteen or more').update(`${seconds}.${text}`).digest('hex')).toBe(hex)
    }
    const stored = readFileSync(path.join(cloud.state, 'audit.log'), 'utf8') + (await cloud.out('webhook', 'list', '--json'))
    expect(stored).not.toContain('a secret of sixteen')
  })

  it('wait for a receiver that is down, fails or is slow, and keep the order', async () => {
    await start({ NOVA_SET_WEBHOOK_TRIES: '1000' })
    await added('--type', 'compute.instance.create.*')
    const { port } = receiver
    await receiver.close()
    await boot('web-1')
    await eventually('the failure is told', async () => (await webhook())?.lastError)
    receiver = await aReceiver(port)
    receiver.answer = 500
    await eventually('it was tried', async () => receiver.seen.length > 1)
    receiver.answer = 'nothing'
    await boot('web-2')
    receiver.answer = 200
    await eventually('both boots', isBooted(2))
    expect(types()).toEqual(['start', 'end', 'start', 'end'].map((word) => `compute.instance.create.${word}`))
    await eventually('the position is kept', async () => (await webhook())?.delivered === 4)
    expect(await webhook()).toMatchObject({ lastError: null, failed: 0 })
  })

  it('go on where a daemon was killed', async () => {
    await start({ NOVA_SET_WEBHOOK_TRIES: '1000' })
    await added('--type', 'compute.instance.create.end')
    await boot('web-1')
    await eventually('the first boot', isBooted(1))
    await eventually('its position', async () => (await webhook())?.delivered === 1)
    daemon?.kill()
    await daemon?.ended
    await cloud.run(['boot', 'web-2', '--flavor', 'm1.tiny', '--nic', 'none'])
    await start()
    await eventually('the second boot', isBooted(2))
    expect(new Set(receiver.taken.map(({ notification }) => notification.message_id)).size).toBe(2)
  })

  it('put aside what was tried often enough, for a retry by hand', async () => {
    receiver.answer = 503
    await start({ NOVA_SET_WEBHOOK_TRIES: '2' })
    const { id } = await added('--type', 'compute.instance.create.*')
    await boot('web-1')
    const failed = await eventually('two failures', async () => {
      const rows = await cloud.rows('webhook', 'failed')
      return rows.length === 2 ? rows : undefined
    })
    expect(failed[0]).toMatchObject({
      type: 'compute.instance.create.start',
      tries: 2,
      error: expect.stringContaining('answered 503'),
    })
    expect((await cloud.run(['webhook', 'retry', String(id)])).code).toBe(11)
    receiver.answer = 200
    await cloud.out('webhook', 'retry', String(id))
    expect(types()).toEqual(['compute.instance.create.start', 'compute.instance.create.end'])
    expect(await cloud.rows('webhook', 'failed')).toEqual([])
  })

  it('never go to an address of this machine unless the settings say so, nor where a receiver sends them', async () => {
    const refused = await cloud.run(['webhook', 'add', 'https://127.0.0.1:1/'], { env: settings })
    expect(refused.code).toBe(0)
    const [{ id } = {}] = await cloud.rows('webhook', 'list')
    expect((await cloud.run(['webhook', 'test', String(id)])).stderr).toContain('not a public address')
    expect((await cloud.run(['webhook', 'add', receiver.url])).stderr).toContain('unencrypted')
    const { stdout } = await cloud.run(['webhook', 'add', receiver.url, '--json'], { env: settings })
    receiver.answer = 'redirect'
    expect((await cloud.run(['webhook', 'test', JSON.parse(stdout).id], { env: settings })).stderr).toContain('answered 302')
    await cloud.out('webhook', 'remove', JSON.parse(stdout).id, '--yes')
    expect(await cloud.rows('webhook', 'list')).toHaveLength(1)
  })
})

describe('lifecycle hooks of a daemon', () => {
  it('run after the event, and go on where a daemon was killed', async () => {
    const folder = path.join(cloud.state, 'hooks.d', 'compute.instance.create.end')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const seen = path.join(cloud.home, 'seen')
    writeFileSync(path.join(folder, '10-note'), `#!/bin/sh\ncat >> ${seen}\n`, { mode: 0o700 })
    await start()
    await boot('web-1')
    // The hook may be in the middle of writing: no whole lines are asked for.
    const names = () =>
      existsSync(seen) ? [...readFileSync(seen, 'utf8').matchAll(/"display_name":"([^"]*)"/g)].map(([, name]) => name) : []
    await eventually('the first hook', async () => names().includes('web-1'))
    daemon?.kill()
    await daemon?.ended
    await boot('web-2')
    await start()
    await eventually('the second hook', async () => names().includes('web-2'))
  })
})

describe('periodic tasks of a daemon', () => {
  it('run by themselves in the name of nova, are recorded and audited', async () => {
    await boot('web-1')
    await start({ NOVA_SET_SYNC_POWER_STATE_INTERVAL: '1', NOVA_SET_PERIODIC_FUZZY_DELAY: '1' })
    const task = await eventually('two runs', async () => {
      const found = (await cloud.rows('periodic', 'list')).find(({ name }) => name === 'sync_power_states')
      return Number(found?.runs) >= 2 ? found : undefined
    })
    expect(task).toMatchObject({ result: 'ok', actor: 'nova', interval: 1, nextRunAt: expect.any(String) })
    expect((await cloud.rows('audit', 'list', '--action', 'periodic.run'))[0]).toMatchObject({ userId: 'nova', outcome: 'ok' })
  })
})
