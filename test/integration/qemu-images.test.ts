/** Images of real qemu guests and interfaces of theirs; the one that boots hears that its hardware changes. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { GuestSpec } from '../../src/drivers/driver.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { withQmp } from '../../src/drivers/qemu/qmp.ts'
import { createEmpty } from '../../src/drivers/qemu-img.ts'
import { snapshotFile } from '../../src/drivers/snapshot-disk.ts'
import { systemRandom } from '../../src/system/random.ts'
import { attachContract } from '../contract/attach-contract.ts'
import { attachDiskContract } from '../contract/attach-disk-contract.ts'
import { snapshotContract } from '../contract/snapshot-contract.ts'
import { aDisk, aGuest, aNic } from '../support/a-guest.ts'
import { directGuest, loginPrompt } from '../support/bootable-guest.ts'
import { diskContent } from '../support/disk-content.ts'
import { extraSerials } from '../support/extra-disks.ts'
import { qemuHost } from '../support/qemu-host.ts'
import { typeLine } from '../support/serial-console.ts'

snapshotContract('qemu', async () => {
  const { driver, root, instancesPath, cleanup } = qemuHost('a,b=c d')
  const { image, imageFile, disk, isIn } = diskContent(root)
  await driver().cacheImage(image, imageFile)
  return {
    driver,
    directory: root,
    guest: (id) => aGuest({ id, disks: [disk, aDisk({ role: 'swap' })] }),
    hasContent: isIn,
    files: async (id) => readdirSync(join(instancesPath, id)),
    cleanup,
  }
})

attachContract('qemu', async () => {
  const { driver, cleanup } = qemuHost()
  return { driver, guest: (id) => aGuest({ id }), cleanup }
})

attachDiskContract('qemu', async () => {
  const { driver, context, instancesPath, cleanup } = qemuHost('a,b=c d')
  return {
    driver,
    guest: (id) => aGuest({ id }),
    serials: (id) => extraSerials(context, id),
    extraFiles: async (id) => readdirSync(join(instancesPath, id)).filter((name) => name.startsWith('disk.extra')),
    cleanup,
  }
})

describe('a copy whose caller died', () => {
  const { host, root, driver, context, cleanup } = qemuHost()
  afterAll(cleanup)

  it('is ended before the next one begins, and on request', async () => {
    const { image, imageFile, disk, isIn } = diskContent(root)
    await driver().cacheImage(image, imageFile)
    const guest = aGuest({ id: systemRandom.uuid(), disks: [disk] })
    const paths = guestPaths(context, guest.id)
    const target = snapshotFile(paths)
    await driver().createDisks(guest)
    await driver().spawn(guest)
    const abandoned = async () => {
      await createEmpty(host, { target, format: 'qcow2', bytes: disk.bytes })
      await withQmp(context, paths.monitor, async (qmp) => {
        await qmp.execute('blockdev-add', {
          driver: 'qcow2',
          'node-name': 'snapshot',
          file: { driver: 'file', filename: target },
        })
        const slow = {
          'job-id': 'nova-snapshot',
          device: 'root',
          target: 'snapshot',
          sync: 'full',
          'auto-dismiss': false,
          speed: 1,
        }
        await qmp.execute('blockdev-backup', slow)
      })
    }
    const jobs = () => withQmp(context, paths.monitor, (qmp) => qmp.execute('query-jobs'))
    await abandoned()
    expect(await jobs()).toMatchObject([{ status: 'running' }])
    await driver().snapshot(guest.id, join(root, 'taken'), { deadlineMs: 60_000 })
    expect(await isIn(join(root, 'taken'))).toBe(true)
    expect(await jobs()).toEqual([])
    await abandoned()
    await driver().dropSnapshot(guest.id)
    expect(await jobs()).toEqual([])
    expect(existsSync(target)).toBe(false)
  })
})

describe('a guest that boots', () => {
  const { host, driver, cleanup } = qemuHost()
  const [first, second] = [aNic(), aNic({ mac: 'fa:16:3e:00:00:02' })]
  let guest: GuestSpec
  beforeAll(async () => {
    guest = { ...(await directGuest(driver())), disks: [aDisk()], nics: [first] }
    await driver().createDisks(guest)
    await driver().spawn(guest)
    await loginPrompt(driver(), guest.id)
  })
  afterAll(cleanup)
  const tell = async (line: string, answer: string) => {
    const console = await host.connect(await driver().consoleSocket(guest.id))
    await typeLine(console, `${line}; echo "<$said>"`, `<${answer}>`, 60_000)
    console.destroy()
  }
  const addresses = 'said=$(cat /sys/class/net/e*/address | tr "\\n" " ")'

  it('sees an interface come and go', async () => {
    await driver().attachNic(guest.id, second)
    await tell(`sleep 2; ${addresses}`, `${first.mac} ${second.mac} `)
    await driver().detachNic(guest.id, second.mac)
    await tell(addresses, `${first.mac} `)
    await driver().attachNic(guest.id, second)
    await tell(`sleep 2; ${addresses}`, `${first.mac} ${second.mac} `)
  })

  it('sees a disk by its serial beside the interface, and lets it go', async () => {
    const serial = 'ab'.repeat(10)
    const device = `d=$(grep -l ${serial} /sys/block/*/serial)`
    await driver().attachDisk(guest.id, aDisk({ role: 'extra', serial }))
    await tell(`while ${device}; [ -z "$d" ]; do sleep 1; done; said=sees-\${d:+it}`, 'sees-it')
    await driver().detachDisk(guest.id, serial)
    await tell(`${device}; said=gone-\${d:-it}`, 'gone-it')
  })

  it('keeps the interface that it was started with until it is stopped', async () => {
    await expect(driver().detachNic(guest.id, first.mac)).rejects.toMatchObject({ kind: 'unsupported' })
    await driver().stop(guest.id, { timeoutMs: 0 })
    await driver().detachNic(guest.id, first.mac)
    expect((await driver().diagnostics(guest.id)).nics.map(({ mac }) => mac)).toEqual([second.mac])
  })
})
