/** Images, shelves, interfaces and extra disks of servers through the built command line, on fake hosts. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { aFakeCloud, type FakeCloud } from '../support/a-fake-cloud.ts'
import { aQcow2 } from '../support/disk-images.ts'

let cloud: FakeCloud
beforeAll(async () => {
  cloud = await aFakeCloud('h1', 'h2')
  await cloud.out('image', 'create', 'cirros', '--file', cloud.file('cirros.qcow2', aQcow2()), '--property', 'os=tiny')
  await cloud.out('boot', 'web-1', '--image', 'cirros', '--flavor', 'm1.small', '--availability-zone', 'nova:h1')
})
afterAll(() => cloud.remove())

const shown = () => cloud.json('show', 'web-1')
const images = async () => (await cloud.rows('image', 'list')).map(({ name }) => name).sort()
const stored = () => readdirSync(path.join(cloud.state, 'images'))

describe('an image of a server', () => {
  it('is made by nova image-create, and boots', async () => {
    await cloud.out('image-create', 'web-1', 'golden', '--property', 'purpose=tests')
    expect(await cloud.json('image', 'show', 'golden')).toMatchObject({
      status: 'active',
      format: 'qcow2',
      minDisk: 20,
      properties: { os: 'tiny', purpose: 'tests', image_type: 'snapshot', instance_uuid: (await shown()).id },
    })
    expect(stored().filter((name) => name.includes('incoming'))).toEqual([])
    await cloud.out('boot', 'web-2', '--image', 'golden', '--flavor', 'm1.small')
    await cloud.out('delete', 'web-2', '--yes')
    await cloud.out('image', 'delete', 'golden', '--yes')
  })

  it('replaces the oldest when it is a backup', async () => {
    for (const name of ['mon', 'tue']) await cloud.out('backup', 'web-1', name, 'daily', '1')
    expect(await images()).toEqual(['cirros', 'tue'])
    expect(stored()).toHaveLength(2)
    await cloud.out('image', 'delete', 'tue', '--yes')
  })

  it('is only planned with --plan, command by command', async () => {
    const before = cloud.fingerprint()
    const { stdout, stderr } = await cloud.run(['server', 'create-image', 'web-1', 'golden', '--plan'])
    expect(stdout + stderr).toContain('snapshot')
    expect(cloud.fingerprint()).toBe(before)
  })
})

describe('a shelf', () => {
  it('takes a server from its host and gives it back on another', async () => {
    await cloud.out('shelve', 'web-1')
    expect(await shown()).toMatchObject({ status: 'SHELVED_OFFLOADED', host: null, powerState: 'shutdown' })
    expect(await images()).toEqual(['cirros', 'web-1-shelved'])
    const refused = await cloud.run(['image', 'delete', 'web-1-shelved', '--yes'])
    expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining('holds the disk of shelved server web-1') })
    expect((await cloud.run(['start', 'web-1'])).stderr).toContain('it is SHELVED_OFFLOADED')
    await cloud.out('host', 'set', 'h1', '--disable')
    await cloud.out('unshelve', 'web-1')
    expect(await shown()).toMatchObject({ status: 'ACTIVE', host: 'h2', image: 'cirros' })
    expect(await images()).toEqual(['cirros'])
    expect(stored()).toHaveLength(1)
    expect(await cloud.rows('doctor')).toEqual([])
  })

  it('keeps it on its host when the setting says so', async () => {
    cloud.file('state/settings.json', JSON.stringify({ shelvedOffloadTime: -1 }))
    await cloud.out('shelve', 'web-1')
    expect(await shown()).toMatchObject({ status: 'SHELVED', host: 'h2' })
    expect(await cloud.rows('server', 'offload-expired')).toEqual([])
    await cloud.out('shelve-offload', 'web-1')
    expect(await shown()).toMatchObject({ status: 'SHELVED_OFFLOADED', host: null })
    await cloud.out('unshelve', 'web-1')
    cloud.file('state/settings.json', '{}')
  })
})

describe('an extra disk', () => {
  it('is added, listed, kept on a move, and removed', async () => {
    const before = await cloud.rows('server', 'list-disks', 'web-1')
    const { serial } = await cloud.json('disk-attach', 'web-1', '--size', '2', '--name', 'data')
    await cloud.out('server', 'add-disk', 'web-1', '--size', '1')
    const disks = await cloud.rows('disk-list', 'web-1')
    expect(disks.slice(0, before.length)).toEqual(before)
    expect(disks.slice(before.length)).toMatchObject([
      { name: 'data', role: 'extra', bytes: 2 * 1024 ** 3, serial, device: `/dev/disk/by-id/virtio-${serial}` },
      { name: 'disk-1', role: 'extra', bytes: 1024 ** 3 },
    ])
    expect((await cloud.run(['shelve', 'web-1'])).stderr).toContain('it would lose data, disk-1')
    await cloud.out('server', 'remove-disk', 'web-1', 'data', '--plan')
    expect(await cloud.rows('disk-list', 'web-1')).toEqual(disks)
    await cloud.out('host', 'set', 'h1', '--enable')
    await cloud.out('migrate', 'web-1')
    await cloud.out('resize-confirm', 'web-1')
    expect(await cloud.rows('disk-list', 'web-1')).toEqual(disks)
    for (const name of ['data', 'disk-1']) await cloud.out('server', 'remove-disk', 'web-1', name, '--yes')
    expect(await cloud.rows('disk-list', 'web-1')).toEqual(before)
    expect((await cloud.run(['disk-detach', 'web-1', 'data', '--yes'])).code).toBe(3)
  })

  it('that no host has room for is refused with numbers', async () => {
    const { code, stderr } = await cloud.run(['server', 'add-disk', 'web-1', '--size', '60000'])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/has no room for the disk: .*60000 GB/)
  })
})

describe('an interface', () => {
  it('is attached, listed and detached', async () => {
    const before = await cloud.rows('interface-list', 'web-1')
    const { mac } = await cloud.json('interface-attach', 'web-1', '--nic', 'bridge=br0')
    expect(await cloud.rows('interface-list', 'web-1')).toEqual([
      ...before,
      { server: 'web-1', mac, kind: 'bridge', source: 'br0', address: null, sshPort: null },
    ])
    await cloud.out('interface-detach', 'web-1', String(mac))
    expect(await cloud.rows('interface-list', 'web-1')).toEqual(before)
    expect((await cloud.run(['interface-detach', 'web-1', String(mac)])).code).toBe(3)
  })
})
