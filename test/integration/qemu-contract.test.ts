/** The driver contract on real qemu processes; the instances path is as bad as a path may be. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { driverContract } from '../contract/driver-contract.ts'
import { aDisk, aGuest, aGuestImage } from '../support/a-guest.ts'
import { qemuHost } from '../support/qemu-host.ts'

const longName = `a,b=c ${'long'.repeat(30)}`

driverContract('qemu', async () => {
  const { driver, root, cleanup } = qemuHost(longName)
  const bytes = Buffer.alloc(1024 ** 2)
  const imageFile = join(root, 'image.raw')
  writeFileSync(imageFile, bytes)
  const digest = createHash('sha256').update(bytes).digest('hex')
  const image = aGuestImage({ digest, format: 'raw', size: bytes.length, virtualSize: bytes.length })
  const guest = (id: string) => aGuest({ id, disks: [aDisk(), aDisk({ role: 'swap' })] })
  return { driver, image, imageFile, guest, cleanup }
})
