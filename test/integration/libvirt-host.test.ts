/** What the libvirt driver does on a real libvirtd beyond the contract: guests without root, foreign domains, plans. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { bootSpec } from '../../src/drivers/guest-record.ts'
import { domainXml } from '../../src/drivers/libvirt/domain.ts'
import { libvirtPaths } from '../../src/drivers/libvirt/guest-paths.ts'
import { type LibvirtDriver, libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { find, parseXml } from '../../src/drivers/libvirt/parse-xml.ts'
import { xmlText } from '../../src/drivers/libvirt/xml.ts'
import { plainHardware } from '../../src/drivers/plain-hardware.ts'
import { recordingHost } from '../../src/hosts/recording-host.ts'
import { aDisk, aGuest, aNic } from '../support/a-guest.ts'
import { type DomainCase, domainCases } from '../support/libvirt-cases.ts'
import { libvirtHost, libvirtObstacle, smallImage } from '../support/libvirt-daemon.ts'

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'
const foreignId = '99999999-2222-4333-8444-555555555555'
const bridgedNetwork = "<network><name>lan</name><forward mode='bridge'/><bridge name='br-test'/></network>"
const id = '11111111-2222-4333-8444-555555555555'
const foreign = `<domain type='qemu'><name>somebody's</name><uuid>${foreignId}</uuid><memory unit='MiB'>16</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>`

describe.skipIf(isSkipped)(`a host of libvirt${isSkipped ? ` (${obstacle})` : ''}`, () => {
  let lab: Awaited<ReturnType<typeof libvirtHost>>
  let spec: GuestSpec
  let image: ReturnType<typeof smallImage>
  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    lab = await libvirtHost({ user: 'libvirt-qemu' })
    image = smallImage(lab.root)
    const disks = [
      aDisk({ image: image.image, bytes: 2 * 1024 ** 2 }),
      aDisk({ role: 'swap' }),
      aDisk({ role: 'config', bytes: 0 }),
    ]
    spec = aGuest({
      id,
      disks,
      nics: [aNic()],
      hardware: { ...plainHardware, display: 'vnc', watchdog: 'reset', cpuShares: null },
    })
  })
  afterAll(() => lab?.cleanup())

  const boot = async (driver: LibvirtDriver) => {
    await driver.cacheImage(image.image, join(lab.root, image.image.digest))
    await driver.createDisks(spec)
    await driver.createConfigDrive(id, [{ path: 'openstack/latest/meta_data.json', content: '{}' }])
    await driver.spawn(spec)
  }

  /** What the driver does on the host: for real, or in a plan. */
  const commandsOf = async (work: (driver: LibvirtDriver) => Promise<unknown>, planning: boolean) => {
    const recording = recordingHost(lab.host, { planning })
    await work(libvirtDriver({ ...lab.context, host: recording.host }))
    return recording.commands
  }

  const works: [string, (driver: LibvirtDriver) => Promise<unknown>][] = [
    ['a boot', boot],
    ['a hard reboot', (driver) => driver.reboot(id, { kind: 'hard', timeoutMs: 0 })],
    ['a pause', (driver) => driver.pause(id)],
    ['an unpause', (driver) => driver.unpause(id)],
    ['a suspend', (driver) => driver.suspend(id)],
    ['a resume', (driver) => driver.resume(id)],
    ['a rescue', (driver) => driver.rescue(id, image.image)],
    ['an unrescue', (driver) => driver.unrescue(id)],
    ['a stop', (driver) => driver.stop(id, { timeoutMs: 0 })],
    ['a start', (driver) => driver.start(id)],
  ]

  it.each(works)('does what the plan of %s says, which changes nothing', async (_, work) => {
    writeFileSync(join(lab.root, image.image.digest), Buffer.alloc(1024 ** 2))
    const before = await lab.driver().inspect(id)
    const planned = await commandsOf(work, true)
    expect(await lab.driver().inspect(id)).toEqual(before)
    expect(await commandsOf(work, false)).toEqual(planned)
  })

  it('runs guests as a user that is not root', async () => {
    const { stdout } = await lab.host.run(['ps', '-o', 'user:32=', '-C', 'qemu-system-x86_64', '-C', 'qemu-system-x86'], {
      okExitCodes: [0, 1],
    })
    expect(new Set(stdout.trim().split(/\s+/))).toEqual(new Set(['libvirt-qemu']))
  })

  it('starts by the definition that it keeps, with the machine of the first boot', async () => {
    const kept = parseXml((await lab.virsh('dumpxml', id, '--inactive')).stdout)
    const running = parseXml((await lab.virsh('dumpxml', id)).stdout)
    expect(find(kept, 'os', 'type')?.attributes.get('machine')).toMatch(/^pc-i440fx-\d/)
    expect(find(running, 'os', 'type')).toEqual(find(kept, 'os', 'type'))
    expect(find(kept, 'devices', 'disk')).toMatchObject({
      attributes: new Map([
        ['type', 'file'],
        ['device', 'disk'],
      ]),
    })
  })

  it('keeps the machine of the first boot when the guest is built again', async () => {
    const record = libvirtPaths(lab.context, id).record
    const known = (await lab.host.readFile(record))?.toString() ?? ''
    await lab.driver().stop(id, { timeoutMs: 0 })
    await lab.host.writeFile(record, known.replace(/"pc-i440fx-[0-9.]+"/, '"pc-i440fx-6.2"'))
    await lab.driver().spawn(spec)
    expect((await lab.virsh('dumpxml', id)).stdout).toContain("machine='pc-i440fx-6.2'")
  })

  it('reports domains of others and never touches them', async () => {
    writeFileSync(join(lab.root, 'foreign.xml'), foreign)
    await lab.virsh('define', join(lab.root, 'foreign.xml'))
    const states = await lab.driver().list()
    expect(states.map((state) => [state.id, state.isForeign ?? false])).toEqual([
      [id, false],
      [foreignId, true],
    ])
    await expect(lab.driver().destroy(foreignId)).rejects.toMatchObject({ kind: 'conflict' })
    expect((await lab.virsh('list', '--all', '--name')).stdout).toContain("somebody's")
    await lab.virsh('undefine', foreignId)
  })

  it('knows a guest whose domain was removed behind its back, and starts it again', async () => {
    await lab.virsh('destroy', id)
    await lab.virsh('undefine', id)
    expect(await lab.driver().inspect(id)).toMatchObject({ powerState: 'shutdown' })
    await lab.driver().start(id)
    expect(await lab.driver().inspect(id)).toMatchObject({ powerState: 'running' })
  })

  it('leaves nothing when it is destroyed', async () => {
    await lab.driver().destroy(id)
    expect((await lab.virsh('list', '--all', '--name')).stdout.trim()).toBe('')
    expect(await lab.host.readdir(lab.instancesPath)).toEqual(['_base'])
  })

  it('connects guests to a bridge and to a network of libvirt, and says which bridge is missing', async () => {
    writeFileSync(join(lab.root, 'lan.xml'), bridgedNetwork)
    await lab.virsh('net-define', join(lab.root, 'lan.xml'))
    await lab.virsh('net-start', 'lan')
    const nics = [aNic({ kind: 'bridge', source: 'br-test' }), aNic({ kind: 'network', source: 'lan', mac: 'fa:16:3e:00:00:02' })]
    const connected = aGuest({ id, nics })
    await lab.driver().createDisks(connected)
    await lab.driver().spawn(connected)
    const { nics: counted } = await lab.driver().diagnostics(id)
    expect(counted.map(({ mac, rxBytes }) => [mac, typeof rxBytes])).toEqual(nics.map(({ mac }) => [mac, 'number']))
    const members = (await lab.host.run(['ip', '-o', 'link', 'show', 'master', 'br-test'])).stdout.trim().split('\n')
    expect(members).toHaveLength(2)
    await lab.driver().destroy(id)
    const lost = aGuest({ id, nics: [aNic({ kind: 'bridge', source: 'br-lost' })] })
    await lab.driver().createDisks(lost)
    await expect(lab.driver().spawn(lost)).rejects.toThrow(/br-lost/)
    await lab.driver().destroy(id)
  })

  it('tells of KVM only what a guest proved', async () => {
    const { accelerator, supportedInstances, machineTypes } = await lab.driver().inventory()
    expect(accelerator).toBe('tcg')
    expect(supportedInstances).toContainEqual(['x86_64', 'qemu', 'hvm'])
    expect(supportedInstances.map(([, type]) => type)).not.toContain('kvm')
    expect(machineTypes).toEqual(expect.arrayContaining(['pc', 'q35']))
  })

  it('accepts every golden domain, by its schema too', async () => {
    const folder = join(lab.root, 'goldens')
    mkdirSync(folder)
    // The machine that tests run on has neither that emulator nor a software TPM.
    const isPossible = ({ spec: { hardware }, facts }: DomainCase) => facts.emulator === null && !hardware?.tpm
    const goldens = [...domainCases.values()].filter(isPossible)
    const commands = goldens.map(({ spec: guest, facts, instancesPath = '/srv/nova', rescue = null }, number) => {
      const own = bootSpec({ spec: guest, rescue })
      const xml = domainXml(own, libvirtPaths({ instancesPath }, own.id), { ...facts, accelerator: 'tcg' })
      writeFileSync(join(folder, `${number}.xml`), xmlText(xml))
      return `define --validate ${number}.xml; undefine --nvram ${own.id}`
    })
    const { stderr } = await lab.host.run([
      'env',
      '-C',
      folder,
      'LC_ALL=C',
      'virsh',
      '-q',
      '-c',
      'qemu:///system',
      commands.join(';'),
    ])
    expect(stderr.trim()).toBe('')
  })

  it('says that libvirtd is down', async () => {
    await lab.kill()
    await expect(lab.driver().list()).rejects.toMatchObject({ kind: 'unreachable', hint: expect.stringContaining('libvirtd') })
    await lab.restart()
    expect(await lab.driver().list()).toEqual([])
  })
})
