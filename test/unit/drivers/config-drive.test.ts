import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ConfigDriveFacts, configDriveFiles } from '../../../src/drivers/config-drive.ts'
import { tarArchive } from '../../../src/drivers/tar-archive.ts'
import { writeConfigDrive } from '../../../src/drivers/write-config-drive.ts'
import { emptyHostDirectory } from '../../support/host-directory.ts'

const facts: ConfigDriveFacts = {
  id: '7a3b0e1c-0000-4000-8000-000000000001',
  name: 'web <1>',
  hostname: 'web-1',
  launchIndex: 2,
  availabilityZone: 'nova',
  projectId: 'p1',
  metadata: [
    ['role', 'db'],
    ['__proto__', 'polluted'],
    ['constructor', ''],
  ],
  keys: [{ name: '__proto__', type: 'ssh', publicKey: 'ssh-ed25519 AAAA me' }],
  randomSeed: new Uint8Array(512).fill(9),
  userData: '#cloud-config\nü\n',
  adminPassword: null,
  nics: [
    { id: 'tap0', mac: 'fa:16:3e:00:00:01', mtu: null, networkId: 'n1', address: { type: 'ipv4_dhcp' } },
    {
      id: 'tap1',
      mac: 'fa:16:3e:00:00:02',
      mtu: 1450,
      networkId: 'n2',
      address: { type: 'ipv4', ip: '10.0.0.5', netmask: '255.255.255.0', gateway: '10.0.0.1' },
    },
  ],
  dnsServers: ['9.9.9.9'],
}
const contentOf = (path: string, input = facts) => configDriveFiles(input).find((file) => file.path === path)?.content
const jsonOf = (path: string, input = facts): unknown => JSON.parse(contentOf(path, input) ?? 'null')

describe('configDriveFiles', () => {
  it('gives the newest folders all that Nova puts there', () => {
    const paths = configDriveFiles(facts).map(({ path }) => path)
    for (const version of ['2018-08-27', 'latest']) {
      const names = paths.filter((path) => path.startsWith(`openstack/${version}/`)).map((path) => path.split('/').at(-1))
      expect(names).toEqual(['meta_data.json', 'user_data', 'network_data.json', 'vendor_data.json', 'vendor_data2.json'])
    }
    expect(paths).toContain('ec2/latest/meta-data.json')
  })

  it('writes the meta data of the server', () => {
    expect(jsonOf('openstack/latest/meta_data.json')).toMatchObject({
      uuid: facts.id,
      hostname: 'web-1',
      name: 'web <1>',
      launch_index: 2,
      availability_zone: 'nova',
      project_id: 'p1',
      keys: [{ name: '__proto__', type: 'ssh', data: 'ssh-ed25519 AAAA me' }],
      random_seed: Buffer.alloc(512, 9).toString('base64'),
    })
    expect(contentOf('openstack/latest/meta_data.json')).toContain('"meta":{"role":"db","__proto__":"polluted","constructor":""}')
    expect(contentOf('openstack/latest/meta_data.json')).toContain('"public_keys":{"__proto__":"ssh-ed25519 AAAA me"}')
  })

  it('keeps from old folders what they never had', () => {
    expect(jsonOf('openstack/2012-08-10/meta_data.json')).not.toHaveProperty('random_seed')
    expect(jsonOf('openstack/2013-04-04/meta_data.json')).toHaveProperty('random_seed')
    expect(jsonOf('openstack/2013-04-04/meta_data.json')).not.toHaveProperty('project_id')
    expect(contentOf('openstack/2013-04-04/network_data.json')).toBeUndefined()
  })

  it('describes links, networks and services', () => {
    expect(jsonOf('openstack/latest/network_data.json')).toEqual({
      links: [
        { id: 'tap0', vif_id: 'tap0', type: 'phy', mtu: null, ethernet_mac_address: 'fa:16:3e:00:00:01' },
        { id: 'tap1', vif_id: 'tap1', type: 'phy', mtu: 1450, ethernet_mac_address: 'fa:16:3e:00:00:02' },
      ],
      networks: [
        { id: 'network0', link: 'tap0', network_id: 'n1', type: 'ipv4_dhcp' },
        {
          id: 'network1',
          link: 'tap1',
          network_id: 'n2',
          type: 'ipv4',
          ip_address: '10.0.0.5',
          netmask: '255.255.255.0',
          routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.0.0.1' }],
        },
      ],
      services: [{ type: 'dns', address: '9.9.9.9' }],
    })
  })

  it('has no user data, keys or password where there are none', () => {
    const bare = { ...facts, userData: null, keys: [], metadata: [] }
    expect(configDriveFiles(bare).filter(({ path }) => /user.data/.test(path))).toEqual([])
    for (const field of ['meta', 'keys', 'public_keys', 'admin_pass']) {
      expect(jsonOf('openstack/latest/meta_data.json', bare)).not.toHaveProperty(field)
    }
    expect(jsonOf('openstack/latest/meta_data.json', { ...facts, adminPassword: 'pw' })).toMatchObject({ admin_pass: 'pw' })
  })
})

describe('writeConfigDrive', () => {
  let test: Awaited<ReturnType<typeof emptyHostDirectory>>
  beforeEach(async () => {
    test = await emptyHostDirectory()
  })
  afterEach(() => test.cleanup())

  it('makes an ISO with every file, for its owner alone, and leaves nothing else', async () => {
    const files = configDriveFiles(facts)
    const iso = await writeConfigDrive(test.host, test.directory, files)
    await writeConfigDrive(test.host, test.directory, files)
    expect(await test.host.readdir(test.directory)).toEqual(['disk.config'])
    expect(statSync(iso).mode & 0o777).toBe(0o600)
    expect(execFileSync('isoinfo', ['-d', '-i', iso]).toString()).toContain('Volume id: config-2')
    for (const { path, content } of files) {
      expect(execFileSync('isoinfo', ['-R', '-i', iso, '-x', `/${path}`]).toString()).toBe(content)
    }
  })

  it.each(['../x', '/etc/passwd', 'a/../b', 'a//b', '', '-x', 'a/b\n'])('S8 refuses the path %j', (path) => {
    expect(() => tarArchive([{ path, content: '' }])).toThrow(/cannot be a path/)
  })
})
