/** The security rules that only real hosts can prove, each by its name, on one server that goes through every flow. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { childrenOf, find, parseXml } from '../../src/drivers/libvirt/parse-xml.ts'
import type { XmlElement } from '../../src/drivers/libvirt/xml.ts'
import { guestImage } from '../support/guest-image.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { type RigFleet, rigFleet } from '../support/rig-fleet.ts'

const obstacle = rigObstacle('libvirt')
const suite = `security of hosts${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`
const canary = 'CANARY-OF-THE-HOST-7391'
const canaryFile = '/var/lib/nova/canary'

describe.skipIf(obstacle !== undefined)(suite, () => {
  let fleet: RigFleet
  const scratch = mkdtempSync(join(tmpdir(), 'nk-'))
  const name = (number: number) => fleet.rig.host(number).name
  const where = async () => fleet.hostNamed((await fleet.server('web')).host)
  const onEach = (script: string) => fleet.rig.hosts.map((host) => host.enter('sh', '-c', script, 'sh', host.instancesPath))
  /** Files that others could read, sockets that others could use. */
  const exposed = () =>
    onEach(
      '[ ! -d "$1" ] || find "$1" -mindepth 2 -not -path "*/.ports/*" \\( -type f -perm /077 -o -type s -perm /002 -o -type d -perm /066 \\)',
    )
  /** The header of a qcow2 disk whose backing file is the host's own, where a raw disk begins. */
  const header = () => {
    const script = `qemu-img create -q -f qcow2 -u -b ${canaryFile} -F raw /run/h.qcow2 1G; head -c 1024 /run/h.qcow2 | gzip -9 | base64 -w 0`
    return fleet.rig.host(1).enter('sh', '-c', script)
  }
  const untouched = () => {
    for (const host of fleet.rig.hosts) expect(host.enter('cat', canaryFile)).toBe(canary)
    expect(onEach(`grep -rl ${canary} "$1" 2>/dev/null || true`)).toEqual(['', ''])
  }

  beforeAll(async () => {
    fleet = await rigFleet(2)
    for (const host of fleet.rig.hosts) host.enter('sh', '-c', `printf %s ${canary} >${canaryFile}`)
    await fleet.out('image', 'create', 'tiny', '--file', (await guestImage()).disk, '--disk-format', 'qcow2')
    await fleet.out('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1', '--ephemeral', '1')
    await fleet.out('flavor', 'create', 'large', '--ram', '160', '--vcpus', '1', '--disk', '2', '--ephemeral', '1')
    const nic = ['--nic', 'bridge=br-ex']
    await fleet.out('boot', 'web', '--image', 'tiny', '--flavor', 'small', ...nic, '--availability-zone', `:${name(1)}`)
    await fleet.prompt('web')
  }, 600_000)
  afterAll(async () => {
    await fleet?.remove()
    rmSync(scratch, { recursive: true, force: true })
  })

  it('S17 QEMU runs in its sandbox, its monitor is closed to others, and emulation is called no boundary', async () => {
    const host = await where()
    const line = host.enter('sh', '-c', 'tr "\\0" " " </proc/$(pgrep -f "^[^ ]*qemu-system" | head -n 1)/cmdline')
    expect(line).toMatch(/-sandbox on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny/)
    // libvirt keeps each monitor in a directory of its own.
    const [mode = '', owner] = host.enter('sh', '-c', 'stat -c "%a %U" /var/lib/libvirt/qemu/domain-*').trim().split(' ')
    expect([Number.parseInt(mode, 8) & 0o007, owner]).toEqual([0, 'root'])
    expect(await fleet.out('host', 'check', host.name)).toContain('not a security boundary')
  })

  it('S19 the guest sees its own uuid as serial, and nothing of its host', async () => {
    const { id } = await fleet.server('web')
    await fleet.type(
      'web',
      'strings /sys/firmware/dmi/tables/DMI 2>/dev/null || tr -c "[:print:]" "\\n" </sys/firmware/dmi/tables/DMI',
      id,
    )
    const host = await where()
    const config = host.enter('sh', '-c', `tr -c '[:print:]' '\\n' <${host.instancesPath}/${id}/disk.config`)
    expect(config).toContain(id)
    const seen = `${config}${await fleet.out('console-log', 'web')}`
    for (const secret of [host.name, host.address, host.instancesPath, fleet.state]) expect(seen).not.toContain(secret)
  })

  it('S2 a qcow2 header that the guest wrote into its raw disk opens no file of the host, whatever is done with it', async () => {
    const write = `echo ${header()} | base64 -d | gunzip | dd of=/dev/vdb conv=notrunc,fsync 2>/dev/null; sync; echo "<$((6*7))>"`
    await fleet.type('web', write, '<42>')
    await fleet.out('live-migration', 'web', name(2))
    untouched()
    await fleet.out('image-create', 'web', 'taken')
    await fleet.out('image', 'save', 'taken', join(scratch, 'taken'))
    expect(readFileSync(join(scratch, 'taken')).includes(canary)).toBe(false)
    untouched()
    await fleet.out('resize', 'web', 'large')
    untouched()
    await fleet.out('resize-confirm', 'web')
    await fleet.out('rescue', 'web', '--image', 'tiny')
    await fleet.out('unrescue', 'web')
    await fleet.out('rebuild', 'web', 'tiny', '--yes')
    await fleet.out('migrate', 'web')
    await fleet.out('resize-confirm', 'web')
    untouched()
    await fleet.prompt('web')
    await fleet.type('web', 'echo "<$(head -c 3 /dev/vdb)>"', '<QFI>')
  }, 600_000)

  it('S9 no file of a server is open to others after all these flows', async () => {
    expect(exposed()).toEqual(['', ''])
    await fleet.out('suspend', 'web')
    expect(exposed()).toEqual(['', ''])
    await fleet.out('resume', 'web')
    await fleet.out('shelve', 'web')
    await fleet.out('unshelve', 'web')
    expect(exposed()).toEqual(['', ''])
    await fleet.prompt('web')
  })

  it('S18 what libvirt would start next is what runs, after attach, detach and a live move, and a soft reboot keeps the disks', async () => {
    const devices = async () => {
      const { id } = await fleet.server('web')
      const host = await where()
      return [[], ['--inactive']].map((flag) => devicesOf(fleet.virsh(host, 'dumpxml', id, ...flag)))
    }
    const agree = async () => {
      const [running, kept] = await devices()
      expect(kept).toEqual(running)
      return running
    }
    await fleet.type(
      'web',
      'echo marked | dd of=/dev/vda bs=1M seek=900 conv=notrunc,fsync 2>/dev/null; echo "<$((6*7))>"',
      '<42>',
    )
    const before = await agree()
    const { mac } = await fleet.json('interface-attach', 'web', '--nic', 'bridge=br-ex')
    expect(await agree()).toContainEqual(expect.stringContaining(String(mac)))
    await fleet.out('live-migration', 'web')
    expect(await agree()).toContainEqual(expect.stringContaining(String(mac)))
    await fleet.out('interface-detach', 'web', String(mac))
    const seen = await fleet.prompt('web')
    await fleet.out('reboot', 'web')
    await fleet.prompt('web', seen)
    expect(await agree()).toEqual(before)
    await fleet.type('web', 'dd if=/dev/vda bs=1M skip=900 count=1 2>/dev/null | head -n 1', 'marked')
  })

  it('S16 moves are encrypted or refused: TLS without certificates is no tcp, and tcp is used only when asked for', async () => {
    const { host } = await fleet.server('web')
    const refused = await fleet.run('live-migration', 'web', '--transport', 'tls')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toMatch(/has no ca-cert\.pem/)
    expect((await fleet.server('web')).host).toBe(host)
    const asked = await fleet.run('live-migration', 'web', '--transport', 'tcp')
    expect(asked.stderr).toContain('unencrypted')
  })

  it('S16 no key and no agent of the controller is on a host', async () => {
    const key = readFileSync(fleet.rig.identityFile, 'utf8').split('\n')[2] ?? ''
    expect(key.length).toBeGreaterThan(40)
    expect(onEach(`grep -rlF -e '${key}' "$1" /root/.ssh /run /etc/libvirt 2>/dev/null || true`)).toEqual(['', ''])
    for (const host of fleet.rig.hosts) {
      expect(host.enter('sh', '-c', 'grep -zl SSH_AUTH_SOCK /proc/[0-9]*/environ 2>/dev/null || true')).toBe('')
      expect(host.enter('sh', '-c', 'ls -d /tmp/ssh-*/agent.* 2>/dev/null || true')).toBe('')
    }
  })
})

/** Disks by file, bus and serial, interfaces by address and bridge: what a guest would miss or have too much of. */
function devicesOf(xml: string): string[] {
  const devices = find(parseXml(xml), 'devices')
  const word = (node: XmlElement, child: string, attribute: string) => find(node, child)?.attributes.get(attribute) ?? ''
  const disks = childrenOf(devices, 'disk').map((disk) =>
    ['disk', word(disk, 'source', 'file'), word(disk, 'target', 'dev'), find(disk, 'serial')?.text ?? ''].join(' '),
  )
  const nics = childrenOf(devices, 'interface').map((nic) =>
    ['nic', word(nic, 'mac', 'address'), word(nic, 'source', 'bridge'), word(nic, 'model', 'type')].join(' '),
  )
  return [...disks, ...nics]
}
