/** How often a boot and an inventory ask an ssh host: each time costs what the line to it costs. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Driver } from '../../src/drivers/driver.ts'
import { libvirtDriver } from '../../src/drivers/libvirt/index.ts'
import { qemuDriver } from '../../src/drivers/qemu/index.ts'
import { fencedHost } from '../../src/hosts/fenced-host.ts'
import type { SshHost } from '../../src/hosts/ssh.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk, aGuest, aGuestImage } from '../support/a-guest.ts'
import { realTime } from '../support/host-directory.ts'
import { type Rig, startRig } from '../support/rig/rig.ts'
import { rigObstacle } from '../support/rig/rig-obstacle.ts'
import { rigSshHost } from '../support/rig/rig-ssh.ts'

const id = '11111111-1111-4111-8111-111111111111'
const makers = { plain: qemuDriver, libvirt: libvirtDriver }

describe.each(['plain', 'libvirt'] as const)('round trips to an ssh host of the rig (%s)', (kind) => {
  const obstacle = rigObstacle(kind)
  let rig: Rig
  let host: SshHost
  beforeAll(async () => {
    if (obstacle !== undefined) return
    rig = await startRig(1, kind)
    host = rigSshHost(rig, rig.host(1))
  })
  afterAll(async () => {
    await host?.close()
    await rig?.down()
  })
  const named = (name: string) => `${name}${obstacle === undefined ? '' : ` (skipped: ${obstacle})`}`

  /** Round trips of one call, by a driver that a new process would make. */
  async function trips(work: (driver: Driver) => Promise<unknown> | undefined, fenced = true): Promise<number> {
    const instancesPath = rig.host(1).instancesPath
    const before = host.roundTrips()
    const own = fenced ? fencedHost(host, `${instancesPath}/${id}`, 5) : host
    await work(makers[kind]({ host: own, instancesPath, clock: realTime, random: systemRandom, virtType: 'auto' }))
    return host.roundTrips() - before
  }

  it.skipIf(obstacle !== undefined)(named('an inventory takes few, once the host was probed'), async () => {
    await trips((driver) => driver.inventory(), false)
    expect(await trips((driver) => driver.inventory(), false)).toBeLessThanOrEqual(kind === 'plain' ? 2 : 3)
  })

  it.skipIf(obstacle !== undefined)(named('each call of a boot from a cached image takes as few as it can'), async () => {
    const bytes = Buffer.alloc(1024 ** 2)
    const file = join(rig.directory, 'image.raw')
    writeFileSync(file, bytes)
    const digest = createHash('sha256').update(bytes).digest('hex')
    const image = aGuestImage({ digest, format: 'raw', size: bytes.length, virtualSize: bytes.length })
    const spec = aGuest({ id, disks: [aDisk({ image, bytes: 2 * bytes.length })] })
    await trips((driver) => driver.cacheImage?.(image, file), false)
    const calls = [
      await trips((driver) => driver.reservePort?.(id)),
      await trips((driver) => driver.cacheImage?.(image, file), false),
      await trips((driver) => driver.createDisks?.(spec)),
      await trips((driver) => driver.createConfigDrive?.(id, [{ path: 'openstack/latest/meta_data.json', content: '{}' }])),
      await trips((driver) => driver.spawn(spec)),
      await trips((driver) => driver.inspect(id), false),
    ]
    await trips((driver) => driver.destroy(id))
    if (kind === 'libvirt') return expect(calls).toEqual([0, 1, 1, 1, 2, 1])
    expect(calls.slice(0, 4)).toEqual([1, 1, 1, 1])
    // Three each; the wait for a monitor that is slow to open may ask again.
    expect(calls.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(10 + 6)
  })
})
