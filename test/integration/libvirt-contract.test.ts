/** The driver contract on a real libvirtd that belongs to this file alone. */
import { describe, it } from 'vitest'
import { driverContract } from '../contract/driver-contract.ts'
import { aDisk, aGuest } from '../support/a-guest.ts'
import { libvirtHost, libvirtObstacle, smallImage } from '../support/libvirt-daemon.ts'

const obstacle = libvirtObstacle()

if (obstacle === undefined) {
  driverContract('libvirt', async () => {
    const { driver, root, cleanup } = await libvirtHost()
    const guest = (id: string) => aGuest({ id, disks: [aDisk(), aDisk({ role: 'swap' })] })
    return { driver, ...smallImage(root), guest, cleanup }
  })
} else if (process.env.CI === 'true') {
  describe('libvirt driver', () => {
    it('has a libvirtd to run on', () => {
      throw new Error(obstacle)
    })
  })
} else {
  describe.skip(`libvirt driver (${obstacle})`, () => {
    it('keeps the contract of drivers', () => undefined)
  })
}
