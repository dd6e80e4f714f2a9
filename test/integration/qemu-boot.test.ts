/** Real guests to their login prompt. Two guests serve the whole file: a boot takes seconds. */
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { aDisk, aNic } from '../support/a-guest.ts'
import { directGuest, diskGuest, loginPrompt } from '../support/bootable-guest.ts'
import { eventually } from '../support/eventually.ts'
import { qemuHost } from '../support/qemu-host.ts'
import { typeLine } from '../support/serial-console.ts'

const { host, driver, context, cleanup } = qemuHost()
const powerState = async ({ id }: GuestSpec) => (await driver().inspect(id))?.powerState
const pidOf = ({ id }: GuestSpec) => Number(readFileSync(guestPaths(context, id).pid, 'utf8'))
afterAll(cleanup)

describe('a guest booted by its kernel', () => {
  let guest: GuestSpec
  let sshPort: number
  let log: string
  beforeAll(async () => {
    const spec = await directGuest(driver(), { rng: true })
    sshPort = await driver().reservePort(spec.id)
    guest = { ...spec, disks: [aDisk(), aDisk({ role: 'config', bytes: 0 })], nics: [aNic({ sshPort })] }
    await driver().createDisks(guest)
    await driver().createConfigDrive(guest.id, [
      { path: 'openstack/latest/meta_data.json', content: '{"hostname": "shop-7.novalocal", "uuid": "u-1"}' },
      { path: 'openstack/latest/user_data', content: '#!/bin/sh\necho from the user' },
    ])
    await driver().spawn(guest)
    log = await loginPrompt(driver(), guest.id)
  })

  it('reads its config drive and takes the name from it', () => {
    expect(log).toContain('guest: meta_data {"hostname": "shop-7.novalocal", "uuid": "u-1"}')
    expect(log).toContain('echo from the user')
    expect(log).toContain('shop-7 login:')
  })

  it('answers on its serial console', async () => {
    const console = await host.connect(await driver().consoleSocket(guest.id))
    await typeLine(console, 'kept=$((6*7)); echo "<$kept>"', '<42>')
    console.destroy()
  })

  it('stays as it is for a worker that begins to start it at the same time as another', async () => {
    const before = pidOf(guest)
    const unseen = new Set([guestPaths(context, guest.id).pid])
    const readFile: typeof host.readFile = async (path, options) =>
      unseen.delete(path) ? undefined : host.readFile(path, options)
    await qemuDriver({ ...context, host: { ...host, readFile } }).spawn(guest)
    expect(unseen.size).toBe(0)
    expect(await powerState(guest)).toBe('running')
    expect(pidOf(guest)).toBe(before)
  })

  it('is found again by a controller that was restarted', async () => {
    const before = await driver().inspect(guest.id)
    await driver().pause(guest.id)
    expect(await powerState(guest)).toBe('paused')
    await driver().unpause(guest.id)
    expect(await driver().inspect(guest.id)).toEqual(before)
  })

  it('serves ssh behind its port of the host and tells its agent a password', async () => {
    const banner = await eventually('the ssh banner', () => firstBytes(sshPort))
    expect(banner).toMatch(/^SSH-2\.0-/)
    await driver().setPassword(guest.id, 'root', 'a secret')
    await expect(driver().setPassword(guest.id, 'nobody-there', 'a secret')).rejects.toMatchObject({ kind: 'invalid' })
  })

  it('goes on with its memory after suspend and resume', async () => {
    const before = pidOf(guest)
    await driver().suspend(guest.id)
    expect(await powerState(guest)).toBe('suspended')
    await driver().resume(guest.id)
    expect(pidOf(guest)).not.toBe(before)
    const console = await host.connect(await driver().consoleSocket(guest.id))
    await typeLine(console, 'echo "<$kept again>"', '<42 again>')
    console.destroy()
  })

  it('counts what it does', async () => {
    const { cpuSeconds, disks, memoryMb } = await driver().diagnostics(guest.id)
    expect(cpuSeconds).toBeGreaterThan(0)
    expect(memoryMb).toEqual({ maximum: 128, used: 128 })
    expect(disks.map(({ name }) => name)).toEqual(['root', 'config'])
  })

  it('shuts down by itself when its power button is pressed', async () => {
    expect(await driver().stop(guest.id, { timeoutMs: 30_000 })).toEqual({ forced: false })
    expect(await powerState(guest)).toBe('shutdown')
  })

  it('leaves nothing on the host when it is destroyed', async () => {
    await driver().destroy(guest.id)
    expect(await host.stat(guestPaths(context, guest.id).directory)).toBeUndefined()
    expect(await host.readdir(`${context.instancesPath}/.ports`)).toEqual([])
  })
})

describe('a guest booted from its disk', () => {
  let guest: GuestSpec
  beforeAll(async () => {
    guest = await diskGuest(driver())
    await driver().createDisks(guest)
    await driver().spawn(guest)
    await loginPrompt(driver(), guest.id)
  })

  it('keeps its log over a soft reboot, which the guest does itself', async () => {
    const before = pidOf(guest)
    await driver().reboot(guest.id, { kind: 'soft', timeoutMs: 30_000 })
    expect(pidOf(guest)).not.toBe(before)
    expect(await driver().consoleLog(guest.id, 4096)).toContain('guest: power button')
    await loginPrompt(driver(), guest.id, 2)
  })

  it('says that no agent answers when the guest cannot', async () => {
    await driver().pause(guest.id)
    await expect(driver().setPassword(guest.id, 'root', 'a secret')).rejects.toMatchObject({ kind: 'unsupported' })
    await driver().unpause(guest.id)
  })

  it('is shut down when its process was killed, and starts again', async () => {
    process.kill(pidOf(guest), 'SIGKILL')
    await eventually('the end of qemu', async () => (await powerState(guest)) === 'shutdown')
    await driver().start(guest.id)
    expect(await powerState(guest)).toBe('running')
  })

  it('is not mistaken for the process that has its old number', async () => {
    const pid = pidOf(guest)
    await driver().stop(guest.id, { timeoutMs: 0 })
    await host.writeFile(guestPaths(context, guest.id).pid, `${process.pid}\n`)
    expect(pid).not.toBe(process.pid)
    expect(await powerState(guest)).toBe('shutdown')
    await driver().destroy(guest.id)
  })
})

/** What a server says first; undefined while it does not talk. */
function firstBytes(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1000 })
    const end = (text?: string) => {
      socket.destroy()
      resolve(text)
    }
    socket.on('data', (bytes) => end(bytes.toString('latin1')))
    for (const event of ['error', 'timeout', 'end'] as const) socket.on(event, () => end())
  })
}
