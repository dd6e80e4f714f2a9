/** Images of guests of a real libvirtd that belongs to this file alone, and interfaces of theirs. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { attachContract } from '../contract/attach-contract.ts'
import { attachDiskContract } from '../contract/attach-disk-contract.ts'
import { snapshotContract } from '../contract/snapshot-contract.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { diskContent } from '../support/disk-content.ts'
import { libvirtHost, libvirtObstacle } from '../support/libvirt-daemon.ts'

const obstacle = libvirtObstacle()

if (obstacle === undefined || process.env.CI === 'true') {
  const lab = libvirtHost({ user: 'libvirt-qemu' })
  snapshotContract('libvirt', async () => {
    const { driver, root, instancesPath } = await lab
    const { image, imageFile, disk, isIn } = diskContent(root)
    await driver().cacheImage(image, imageFile)
    return {
      driver,
      directory: root,
      guest: (id) => aGuest({ id, disks: [disk, aDisk({ role: 'swap' })] }),
      hasContent: isIn,
      files: async (id) => readdirSync(join(instancesPath, id)),
      cleanup: async () => {},
    }
  })
  attachContract('libvirt', async () => {
    const { driver } = await lab
    return { driver, guest: (id) => aGuest({ id, disks: [aDisk()] }), cleanup: async () => {} }
  })
  attachDiskContract('libvirt', async () => {
    const { driver, virsh, instancesPath, cleanup } = await lab
    return {
      driver,
      guest: (id) => aGuest({ id, disks: [aDisk()] }),
      serials: async (id) =>
        [...(await virsh('dumpxml', id)).stdout.matchAll(/<serial>([0-9a-f]{20})</g)].map(([, serial = '']) => serial),
      extraFiles: async (id) => readdirSync(join(instancesPath, id)).filter((name) => name.startsWith('disk.extra')),
      cleanup,
    }
  }, ['q35'])
} else {
  describe.skip(`libvirt driver (${obstacle})`, () => {
    it('makes images of guests and plugs interfaces', () => undefined)
  })
}
