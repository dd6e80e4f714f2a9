/** A server on a libvirt host that is reached by ssh alone, through the command line. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aGuest } from '../support/a-guest.ts'
import { type CliResult, nova, novaJson } from '../support/cli.ts'
import { eventually } from '../support/eventually.ts'
import { guestImage } from '../support/guest-image.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { onRigHost } from '../support/rig/rig-ssh.ts'

const obstacle = rigObstacle('libvirt')
const suite = `libvirt over ssh${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

describe.skipIf(obstacle !== undefined)(suite, () => {
  const state = mkdtempSync(join(tmpdir(), 'nk-'))
  let rig: Rig
  const run = (...args: string[]): Promise<CliResult> => nova(args, { state })
  const json = (...args: string[]) => novaJson(args, { state })
  const domains = () => rig.host(1).enter('virsh', '-q', '-c', 'qemu:///system', 'list', '--all', '--name').trim()

  beforeAll(async () => {
    rig = await startRig(1, 'libvirt')
    const { name, address } = rig.host(1)
    const login = [`root@${address}`, '--identity', rig.identityFile, '--accept-new']
    const added = await run('host', 'add', name, ...login, '--driver', 'libvirt', '--virt-type', 'qemu')
    expect(added.stderr).toContain('accepted ssh-ed25519')
    expect(added.code).toBe(0)
  })
  afterAll(async () => {
    await rig?.down()
    rmSync(state, { recursive: true, force: true })
  })

  it('boots a guest on a bridge of the host to its login prompt', async () => {
    const { disk } = await guestImage()
    await json('image', 'create', 'tiny', '--file', disk, '--disk-format', 'qcow2')
    await json('flavor', 'create', 'small', '--ram', '128', '--vcpus', '1', '--disk', '1')
    const booted = await json('boot', 'web', '--image', 'tiny', '--flavor', 'small', '--nic', 'bridge=br-ex')
    expect(booted).toMatchObject({ status: 'ACTIVE', host: rig.host(1).name })
    const log = await eventually('the login prompt', async () => {
      const { stdout } = await run('console-log', 'web')
      return stdout.includes('login:') && stdout
    })
    expect(log).toContain('web login:')
    expect(domains()).toMatch(/^nova-[0-9a-f-]{36}$/)
  })

  it('suspends, resumes, stops, starts and deletes it, and leaves nothing on the host', async () => {
    expect(await json('suspend', 'web')).toMatchObject([{ status: 'SUSPENDED' }])
    expect(await json('resume', 'web')).toMatchObject([{ status: 'ACTIVE' }])
    expect(await json('stop', 'web')).toMatchObject([{ status: 'SHUTOFF' }])
    expect(await json('start', 'web')).toMatchObject([{ status: 'ACTIVE' }])
    await json('delete', 'web', '--yes')
    expect(domains()).toBe('')
  })

  it('spawns in at most six round trips', async () => {
    const { host, directory, cleanup } = await onRigHost(rig)
    const context = { host, instancesPath: directory, clock: realTime, random: systemRandom, virtType: 'qemu' as const }
    const driver = libvirtDriver(context)
    const spec = aGuest({ id: systemRandom.uuid() })
    await driver.createDisks(spec)
    const before = host.roundTrips()
    await driver.spawn(spec)
    expect(host.roundTrips() - before).toBeLessThanOrEqual(6)
    await driver.destroy(spec.id)
    await cleanup()
  })
})
