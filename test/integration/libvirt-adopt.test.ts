/** Domains that plain virsh defined come into our care and leave it, to the byte as they were. */
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { foreignDomainXml } from '../support/foreign-domain.ts'
import { libvirtHost, libvirtObstacle, smallImage } from '../support/libvirt-daemon.ts'

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'
const id = 'aaaaaaaa-2222-4333-8444-555555555555'
const spareId = 'bbbbbbbb-2222-4333-8444-555555555555'
const own = [
  'billing &lt;team',
  "<entry name='serial'>SN-0042</entry>",
  '<serial>EXTRA-7</serial>',
  "<qemu:arg value='debug-threads=on'/>",
]

describe.skipIf(isSkipped)(`a domain of somebody else's${isSkipped ? ` (${obstacle})` : ''}`, () => {
  let lab: Awaited<ReturnType<typeof libvirtHost>>
  const definition = async () => (await lab.virsh('dumpxml', id, '--inactive', '--security-info')).stdout
  const both = async () => [await definition(), (await lab.virsh('dumpxml', id, '--security-info')).stdout]
  const define = async (domain: string, name: string) => {
    for (const disk of [name, `${name}-extra`]) {
      writeFileSync(join(lab.root, `${disk}.img`), '')
      truncateSync(join(lab.root, `${disk}.img`), 3 * 1024 ** 2)
    }
    writeFileSync(join(lab.root, 'domain.xml'), foreignDomainXml({ id: domain, name, directory: lab.root }))
    await lab.virsh('define', join(lab.root, 'domain.xml'))
  }
  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    lab = await libvirtHost()
    await define(id, 'old-db')
    await lab.virsh('start', id)
    await define(spareId, 'spare')
    await lab.host.mkdir(lab.instancesPath)
  })
  afterAll(() => lab?.cleanup())

  it('is told with its size, its disks and its nics', async () => {
    const [domain, spare] = await lab.driver().foreignDomains()
    expect(domain).toMatchObject({ id, name: 'old-db', powerState: 'running', vcpus: 1, ram: 24, obstacles: [] })
    expect(domain?.disks).toEqual([
      { target: 'vda', source: join(lab.root, 'old-db.img'), bytes: 3 * 1024 ** 2 },
      { target: 'sdx', source: join(lab.root, 'old-db-extra.img'), bytes: 3 * 1024 ** 2 },
    ])
    expect(domain?.nics).toEqual([{ kind: 'bridge', source: 'br-test', mac: '52:54:00:0a:0b:0c', address: null, sshPort: null }])
    expect(spare).toMatchObject({ id: spareId, powerState: 'shutdown', obstacles: [] })
  })

  it('cannot be adopted while it is transient', async () => {
    await lab.virsh('create', join(lab.root, 'domain.xml'))
    await lab.virsh('undefine', spareId)
    const [, spare] = await lab.driver().foreignDomains()
    expect(spare?.obstacles).toEqual([expect.stringContaining('transient')])
    await lab.virsh('destroy', spareId)
  })

  it('is the same to the byte after it was adopted, twice', async () => {
    const before = await both()
    const first = await lab.driver().adoptDomain(id)
    expect(first).toMatchObject({ powerState: 'running', digests: { definition: expect.stringMatching(/^[0-9a-f]{64}$/) } })
    expect(await lab.driver().adoptDomain(id)).toEqual(first)
    expect(await both()).toEqual(before)
    expect((await lab.host.readFile(join(lab.instancesPath, id, 'adopted.xml')))?.toString().trim()).toBe(before[0]?.trim())
    expect(await lab.driver().list()).toEqual([expect.objectContaining({ id, isAdopted: true, powerState: 'running' })])
  })

  it('is paused, suspended, stopped and started with all that its owner wrote', async () => {
    const before = await definition()
    const driver = lab.driver()
    await driver.pause(id)
    expect(await driver.inspect(id)).toMatchObject({ powerState: 'paused' })
    await driver.unpause(id)
    await driver.suspend(id)
    expect(await driver.inspect(id)).toMatchObject({ powerState: 'suspended' })
    await driver.resume(id)
    await driver.reboot(id, { kind: 'hard', timeoutMs: 0 })
    await driver.stop(id, { timeoutMs: 0 })
    expect(await driver.inspect(id)).toMatchObject({ powerState: 'shutdown' })
    await driver.start(id)
    expect(await driver.inspect(id)).toMatchObject({ powerState: 'running' })
    expect(await definition()).toBe(before)
    const running = (await lab.virsh('dumpxml', id)).stdout
    for (const text of own) expect(running).toContain(text)
  })

  it('shows its console, its screen and its counters', async () => {
    writeFileSync(join(lab.root, 'old-db.log'), 'booting\nold-db login: ')
    expect(await lab.driver().consoleLog(id, 100)).toBe('booting\nold-db login: ')
    expect(await lab.driver().consoleSocket(id)).toBe(join(lab.root, 'old-db.sock'))
    expect(await lab.driver().vncAddress(id)).toEqual({ address: '127.0.0.1', port: expect.any(Number) })
    const { disks, nics, memoryMb } = await lab.driver().diagnostics(id)
    expect(disks.map(({ name }) => name)).toEqual(['vda', 'sdx'])
    expect(nics.map(({ mac }) => mac)).toEqual(['52:54:00:0a:0b:0c'])
    expect(memoryMb.maximum).toBe(24)
  })

  it('is not destroyed, rebuilt or rescued', async () => {
    const { image } = smallImage(lab.root)
    await expect(lab.driver().destroy(id)).rejects.toMatchObject({ kind: 'conflict' })
    await expect(lab.driver().rescue(id, image)).rejects.toMatchObject({ kind: 'unsupported', message: /was adopted/ })
    const spec = { id, disks: [] } as never
    await expect(lab.driver().recreateRootDisk(spec)).rejects.toMatchObject({ kind: 'unsupported' })
    expect(await lab.driver().inspect(id)).toMatchObject({ powerState: 'running' })
  })

  it('is defined again by what we kept when libvirt has lost it', async () => {
    const before = await definition()
    await lab.virsh('destroy', id)
    await lab.virsh('undefine', id)
    await expect(lab.driver().destroy(id)).rejects.toMatchObject({ kind: 'unsupported' })
    await expect(lab.driver().releaseDomain(id, { insist: false })).rejects.toMatchObject({ kind: 'conflict' })
    await lab.driver().start(id)
    expect(await lab.driver().inspect(id)).toMatchObject({ powerState: 'running' })
    expect(await definition()).toBe(before)
  })

  it('is the same to the byte after it was let go, and nothing of ours is left', async () => {
    const before = await both()
    const released = await lab.driver().releaseDomain(id, { insist: false })
    expect(await lab.driver().releaseDomain(id, { insist: false })).toEqual(released)
    expect(await both()).toEqual(before)
    expect(await lab.host.readdir(lab.instancesPath)).toEqual([])
    expect(await lab.driver().list()).toEqual([expect.objectContaining({ id, isForeign: true, powerState: 'running' })])
  })

  it('is left alone when its definition changes while it is adopted', async () => {
    const { host } = lab
    const meddling = {
      ...host,
      writeFile: async (path: string, data: string | Uint8Array) => {
        await host.writeFile(path, data)
        await lab.virsh('desc', id, '--config', '--title', 'changed')
      },
    }
    const { libvirtDriver } = await import('../../src/drivers/libvirt/index.ts')
    const adoption = libvirtDriver({ ...lab.context, host: meddling }).adoptDomain(id)
    await expect(adoption).rejects.toMatchObject({ kind: 'conflict', message: /changed meanwhile/ })
    expect(await host.readdir(lab.instancesPath)).toEqual([])
  })

  it('tells the CPU that guests on all hosts can have', async () => {
    const cpu = await lab.driver().hostCpu()
    const baseline = await lab.driver().cpuBaseline([cpu.xml, cpu.xml])
    expect(baseline.model).toMatch(/^[A-Za-z0-9]/)
    expect(baseline.features).toEqual(expect.arrayContaining(['sse2']))
  })
})
