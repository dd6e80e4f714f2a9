/** A guest that ends by itself is known to a daemon within seconds, long before the periodic sync. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { aDaemon, type Daemon } from '../support/a-daemon.ts'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { eventually } from '../support/eventually.ts'

let cloud: FakeCloud
let daemon: Daemon
beforeAll(async () => {
  cloud = await aFakeCloud()
  await cloud.out('host', 'add', 'kvm-1', '--driver', 'qemu')
  const disk = cloud.file('empty.raw', Buffer.alloc(1024 ** 2))
  await cloud.out('image', 'create', 'empty', '--file', disk, '--disk-format', 'raw')
  daemon = await aDaemon(cloud.state, cloud.env)
})
afterAll(async () => {
  await cloud.run(['delete', 'web-1', '--yes'])
  daemon?.kill('SIGTERM')
  await daemon?.ended
  cloud.remove()
})

it('is recorded as stopped, and told', async () => {
  await cloud.out('boot', 'web-1', '--image', 'empty', '--flavor', 'm1.tiny', '--nic', 'none')
  const instances = path.join(cloud.state, 'instances', 'kvm-1')
  const guest = readdirSync(instances).find((name) => /^[0-9a-f-]{36}$/.test(name)) ?? ''
  process.kill(Number(readFileSync(path.join(instances, guest, 'qemu.pid'), 'utf8')), 'SIGKILL')
  await eventually('the end is known', async () => (await cloud.json('show', 'web-1')).status === 'SHUTOFF', 60_000)
  const [update] = (await cloud.rows('events', '--server', 'web-1', '--type', '*.update')).slice(-1)
  expect(update).toMatchObject({ user_id: 'nova', payload: { old_state: 'active', state: 'stopped', power_state: 4 } })
})
