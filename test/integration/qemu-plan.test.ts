/** A plan is the driver's own code on a host that only writes down: what it says is what is done. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { type QemuDriver, qemuDriver } from '../../src/drivers/qemu/index.ts'
import { recordingHost } from '../../src/hosts/recording-host.ts'
import { aDisk, aGuest, aGuestImage, aNic } from '../support/a-guest.ts'
import { qemuHost } from '../support/qemu-host.ts'

const { host, context, root, cleanup } = qemuHost()
afterAll(cleanup)

const bytes = Buffer.alloc(1024 ** 2)
const digest = createHash('sha256').update(bytes).digest('hex')
const image = aGuestImage({ digest, format: 'raw', size: bytes.length, virtualSize: bytes.length })
// The image store names its files by their digest.
const imageFile = join(root, digest)
writeFileSync(imageFile, bytes)

/** What the driver does on the host: for real, or in a plan. */
async function commandsOf(work: (driver: QemuDriver) => Promise<unknown>, planning: boolean) {
  const recording = recordingHost(host, { planning })
  await work(qemuDriver({ ...context, host: recording.host }))
  return recording.commands
}

const id = '11111111-2222-4333-8444-555555555555'

const works: [string, (driver: QemuDriver) => Promise<unknown>][] = [
  [
    'a boot',
    async (driver) => {
      await driver.cacheImage(image, imageFile)
      const nics = [aNic({ sshPort: await driver.reservePort(id) })]
      const disks = [aDisk({ image, bytes: 0 }), aDisk({ role: 'swap' }), aDisk({ role: 'config', bytes: 0 })]
      const spec = aGuest({ id, disks, nics })
      await driver.createDisks(spec)
      await driver.createConfigDrive(id, [{ path: 'openstack/latest/meta_data.json', content: '{}' }])
      await driver.spawn(spec)
    },
  ],
  ['a hard reboot', (driver) => driver.reboot(id, { kind: 'hard', timeoutMs: 0 })],
  ['a suspend', (driver) => driver.suspend(id)],
  ['a resume', (driver) => driver.resume(id)],
  ['a rescue', (driver) => driver.rescue(id, image)],
  ['an unrescue', (driver) => driver.unrescue(id)],
  ['a stop', (driver) => driver.stop(id, { timeoutMs: 0 })],
  ['a start', (driver) => driver.start(id)],
  ['a delete', (driver) => driver.destroy(id)],
]

it.each(works)('the plan of %s changes nothing and is what is then done', async (_, work) => {
  const before = await qemuDriver(context).inspect(id)
  const planned = await commandsOf(work, true)
  expect(await qemuDriver(context).inspect(id)).toEqual(before)
  expect(await commandsOf(work, false)).toEqual(planned)
})
