/** A real guest to its login prompt through libvirt, and what a person does with it. One guest serves the whole file. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { plainHardware } from '../../src/drivers/plain-hardware.ts'
import { aDisk, aNic } from '../support/a-guest.ts'
import { diskGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { libvirtHost, libvirtObstacle } from '../support/libvirt-daemon.ts'
import { typeLine } from '../support/serial-console.ts'

const obstacle = libvirtObstacle()
const isSkipped = obstacle !== undefined && process.env.CI !== 'true'

describe.skipIf(isSkipped)(`a guest of libvirt${isSkipped ? ` (${obstacle})` : ''}`, () => {
  let lab: Awaited<ReturnType<typeof libvirtHost>>
  let guest: GuestSpec
  let log: string
  const powerState = async () => (await lab.driver().inspect(guest.id))?.powerState

  const setPassword = async (user: string) => {
    await lab.driver().setPassword(guest.id, user, 'a "secret" it\'s $HOME\\ ünïcode')
    return true
  }

  beforeAll(async () => {
    if (obstacle !== undefined) throw new Error(obstacle)
    lab = await libvirtHost()
    const driver = lab.driver()
    const spec = await diskGuest(driver, { rng: true, nics: [aNic()], hardware: { ...plainHardware, display: 'vnc' } })
    guest = { ...spec, disks: [...spec.disks, aDisk({ role: 'config', bytes: 0 })] }
    await driver.createDisks(guest)
    await driver.createConfigDrive(guest.id, [
      { path: 'openstack/latest/meta_data.json', content: '{"hostname": "shop-7.novalocal", "uuid": "u-1"}' },
      { path: 'openstack/latest/user_data', content: '#!/bin/sh\necho from the user' },
    ])
    await driver.spawn(guest)
    log = await loginPrompt(driver, guest.id)
  })
  afterAll(() => lab?.cleanup())

  it('reads its config drive and takes the name from it', () => {
    expect(log).toContain('guest: meta_data {"hostname": "shop-7.novalocal", "uuid": "u-1"}')
    expect(log).toContain('shop-7 login:')
  })

  it('answers on its serial console', async () => {
    const console = await lab.host.connect(await lab.driver().consoleSocket(guest.id))
    await typeLine(console, 'kept=$((6*7)); echo "<$kept>"', '<42>')
    console.destroy()
  })

  it('shows its screen on the loopback alone', async () => {
    const { address, port } = await lab.driver().vncAddress(guest.id)
    expect(address).toBe('127.0.0.1')
    const { stdout } = await lab.host.run(['cat', '/proc/net/tcp', '/proc/net/tcp6'], { effect: 'read' })
    const hex = port.toString(16).toUpperCase().padStart(4, '0')
    const listeners = stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((row) => row[3] === '0A' && row[1]?.endsWith(`:${hex}`))
    expect(listeners.map((row) => row[1])).toEqual([`0100007F:${hex}`])
  })

  it('gets a password from its agent, which leaves no trace on the host', async () => {
    // The agent starts after the prompt.
    await eventually('an agent', () =>
      setPassword('root').catch((fault) => fault.kind !== 'unsupported' && Promise.reject(fault)),
    )
    const console = await lab.host.connect(await lab.driver().consoleSocket(guest.id))
    await typeLine(console, "echo lines=$(grep -c '^root:.6.' /etc/passwd)", 'lines=1')
    console.destroy()
    expect(await lab.host.stat('/root/.cache/libvirt/virsh/history')).toBeUndefined()
    await expect(setPassword('nobody-there')).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('counts what it does', async () => {
    const { cpuSeconds, disks, memoryMb, hypervisor } = await lab.driver().diagnostics(guest.id)
    expect(cpuSeconds).toBeGreaterThan(0)
    expect(memoryMb).toEqual({ maximum: 128, used: 128 })
    expect(disks.map(({ name }) => name)).toEqual(['vda', 'vdb'])
    expect(disks[0]?.readBytes).toBeGreaterThan(1024 ** 2)
    expect(hypervisor).toMatch(/^QEMU \d/)
  })

  it('goes on with its memory after suspend and resume', async () => {
    await lab.driver().suspend(guest.id)
    expect(await powerState()).toBe('suspended')
    await lab.driver().resume(guest.id)
    const console = await lab.host.connect(await lab.driver().consoleSocket(guest.id))
    await typeLine(console, 'echo "<$kept again>"', '<42 again>')
    console.destroy()
  })

  it('survives a restart of libvirtd', async () => {
    await lab.restart()
    expect(await powerState()).toBe('running')
    const console = await lab.host.connect(await lab.driver().consoleSocket(guest.id))
    await typeLine(console, 'echo "<$kept still>"', '<42 still>')
    console.destroy()
  })

  it('keeps its log over a soft reboot, which the guest does itself', async () => {
    await lab.driver().reboot(guest.id, { kind: 'soft', timeoutMs: 60_000 })
    const all = await loginPrompt(lab.driver(), guest.id, 2)
    expect(all).toContain('guest: power button')
  })

  it('shuts down by itself when its power button is pressed', async () => {
    expect(await lab.driver().stop(guest.id, { timeoutMs: 60_000 })).toEqual({ forced: false })
    expect(await powerState()).toBe('shutdown')
  })

  it('leaves nothing on the host when it is destroyed', async () => {
    await lab.driver().destroy(guest.id)
    expect(await lab.host.readdir(lab.instancesPath)).toEqual(['_base'])
    await eventually('no domain', async () => (await lab.virsh('list', '--all', '--uuid')).stdout.trim() === '')
  })
})
