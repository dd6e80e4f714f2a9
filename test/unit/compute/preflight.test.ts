import { describe, expect, it } from 'vitest'
import { findings, preflight } from '../../../src/compute/preflight.ts'
import type { CheckedHost, Finding } from '../../../src/compute/preflight-finding.ts'
import { answersTo, scriptedHost } from '../../../src/hosts/scripted.ts'
import { aHost } from '../../support/a-host.ts'
import { hostDirectory, realTime } from '../../support/host-directory.ts'

/** A host with everything in its place. */
const good: Record<string, string> = {
  time: '1000.0',
  ended: '1000.1',
  resolved: '3',
  user: 'root',
  uid: '0',
  shell: '/bin/bash',
  hostname: 'hv1',
  address: '10.0.0.1',
  cpu: 'Some CPU',
  virtualisation: 'vmx',
  kvm: 'open',
  memory: '8388608',
  available: '4194304',
  swap: '0',
  disk: '107374182400 53687091200',
  writable: 'yes',
  apparmor: 'Y',
  controllers: 'cpu memory pids',
  'version.qemu-system-x86_64': 'QEMU emulator version 7.2.22 (Debian)',
  'version.qemu-img': 'qemu-img version 7.2.22',
  'version.virsh': '9.0.0',
  'version.genisoimage': 'genisoimage 1.1.11 (Linux)',
  'version.dnsmasq': 'Dnsmasq version 2.90',
  'version.flock': 'flock from util-linux 2.38.1',
  'version.sha256sum': 'sha256sum 9.1',
  'version.find': 'find 4.9.0',
  'version.socat': 'socat 1.7',
  libvirtd: 'Running against daemon: 9.0.0',
}
const record = (change: Partial<CheckedHost> = {}): CheckedHost =>
  aHost({ driver: 'qemu', address: 'root@10.0.0.1', instancesPath: '/srv/nova', ...change })
const asked = { at: 999_900, withinMs: 200, noise: '' }
const rows = (change: Record<string, string | undefined> = {}, on = record(), when = asked): Finding[] => {
  const facts = Object.entries({ ...good, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  return findings(new Map(facts), on, when)
}
const problems = (...given: Parameters<typeof rows>) => rows(...given).filter(({ status }) => status !== 'ok')

describe('the preflight of a host', () => {
  it('finds nothing wrong with one that has everything', () => {
    expect(problems()).toEqual([])
    expect(problems({}, record({ driver: 'libvirt' }))).toEqual([])
  })

  it.each([
    ['an ordinary user with sudo', { uid: '1000', sudo: 'yes' }, 'login', 'warning', '--sudo'],
    ['an ordinary user', { uid: '1000' }, 'login', 'warning', 'root'],
    ['a shell that quotes otherwise', { shell: '/usr/bin/fish' }, 'shell', 'failed', 'POSIX'],
    ['no qemu', { 'version.qemu-system-x86_64': undefined }, 'qemu-system-x86_64', 'failed', 'apt-get install qemu-system-x86'],
    ['no flock', { 'version.flock': undefined }, 'flock', 'failed', 'util-linux'],
    ['no dnsmasq', { 'version.dnsmasq': undefined }, 'dnsmasq', 'warning', 'dnsmasq-base'],
    ['a kvm device without the flag', { virtualisation: undefined }, 'accelerator', 'warning', 'firmware'],
    ['a closed kvm device', { kvm: 'closed' }, 'accelerator', 'warning', 'usermod'],
    ['no kvm device', { kvm: undefined }, 'accelerator', 'warning', 'modprobe'],
    ['little memory', { available: '100000' }, 'memory', 'warning', 'free some memory'],
    ['a directory that is closed', { writable: undefined }, 'disk', 'failed', 'give it to the user'],
    ['little space', { disk: '107374182400 1000' }, 'disk', 'warning', '--instances-path'],
    ['a clock that is late', { time: '990.0', ended: '990.1' }, 'clock', 'warning', 'chrony'],
    ['a clock that is early', { time: '1010.0', ended: '1010.1' }, 'clock', 'warning', 'chrony'],
    ['a name that nobody knows', { address: undefined }, 'hostname', 'warning', '/etc/hosts'],
    ['a name that takes long', { resolved: '5004' }, 'hostname', 'warning', '5.0 s'],
    ['no control groups', { controllers: 'pids' }, 'confinement', 'warning', 'cpu, memory'],
  ])('%s', (_, change, check, status, said) => {
    const found = problems(change)
    expect(found).toMatchObject([{ check, status }])
    expect(`${found[0]?.value} ${found[0]?.advice}`).toContain(said)
  })

  it('takes the way there and back out of the difference of the clocks', () => {
    const slow = { at: 999_900, withinMs: 9200, noise: '' }
    expect(problems({ ended: '1009.0' }, record(), slow)).toEqual([])
    expect(problems({ time: '1005.0', ended: '1014.0' }, record(), slow)).toMatchObject([
      { check: 'clock', value: '4.9 s from ours' },
    ])
  })

  it('hears a shell that talks and waits for one that dawdles', () => {
    expect(problems({}, record(), { ...asked, noise: 'Welcome!' })).toMatchObject([{ check: 'shell', status: 'failed' }])
    expect(problems({}, record(), { ...asked, withinMs: 3100 })).toMatchObject([
      { check: 'shell', status: 'warning', value: '/bin/bash, 3.0 s before a command runs' },
    ])
  })

  it.each([
    ['AppArmor knows nothing of the directory', {}, '/data/guests', /virt-aa-helper/],
    [
      'SELinux gave it no label for guests',
      { selinux: '1', label: 'unconfined_u:object_r:default_t:s0' },
      '/srv/x',
      /virt_image_t/,
    ],
  ])('tells when %s', (_, change, instancesPath, said) => {
    const found = problems(change, record({ driver: 'libvirt', instancesPath }))
    expect(found).toMatchObject([{ check: 'confinement', status: 'warning', advice: expect.stringMatching(said) }])
    expect(problems(change, record({ driver: 'qemu', instancesPath }))).toEqual([])
  })

  it('asks for libvirt on a host of libvirt alone', () => {
    expect(problems({ 'version.virsh': undefined })).toEqual([])
    const libvirt = record({ driver: 'libvirt' })
    expect(problems({ 'version.virsh': undefined }, libvirt)).toMatchObject([{ check: 'virsh', status: 'failed' }])
    expect(problems({ libvirtd: 'error: failed to connect' }, libvirt)).toMatchObject([{ check: 'libvirtd', status: 'failed' }])
  })

  it('fails a host that must have kvm and has not', () => {
    expect(problems({ virtualisation: undefined }, record({ virtType: 'kvm' }))).toMatchObject([{ status: 'failed' }])
    expect(problems({ virtualisation: undefined }, record({ virtType: 'qemu' }))).toEqual([])
  })

  it('does not believe what is no answer', async () => {
    const host = await scriptedHost({ rules: [answersTo('sh', { stdout: 'garbage\n\t\n__proto__\tx\nuser\troot\n' })] })
    const found = await preflight(host, record(), realTime)
    expect(found.find(({ check }) => check === 'qemu-img')?.status).toBe('failed')
  })

  it('asks this machine, in one command', async () => {
    const { host, cleanup } = hostDirectory()
    const found = await preflight(host, record({ address: 'local' }), realTime)
    expect(found.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['login', 'shell', 'qemu-img', 'memory', 'disk', 'clock']),
    )
    expect(found.find(({ check }) => check === 'clock')).toMatchObject({ status: 'ok' })
    await cleanup()
  })
})
