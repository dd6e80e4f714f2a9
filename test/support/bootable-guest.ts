/** Specs of guests that really boot, and the wait for their prompt. */
import type { Driver, GuestSpec } from '../../src/drivers/driver.ts'
import { systemRandom } from '../../src/system/random.ts'
import { aDisk, aGuest } from './a-guest.ts'
import { eventually } from './eventually.ts'
import { asGuestImage, guestImage } from './guest-image.ts'

const commandLine = 'console=ttyS0 quiet nokaslr mitigations=off no_timer_check tsc=reliable cryptomgr.notests'
const diskBytes = 64 * 1024 ** 2
/** An emulated guest on a machine with much else to do. */
const bootMs = 280_000

/** Boots by kernel and ramdisk; images are in the driver's cache when this resolves. */
export async function directGuest(driver: Driver, changes: Partial<GuestSpec> = {}): Promise<GuestSpec> {
  const files = await guestImage()
  const [kernel, ramdisk] = [asGuestImage(files.kernel, 'kernel'), asGuestImage(files.ramdisk, 'ramdisk')]
  await driver.cacheImage?.(kernel, files.kernel)
  await driver.cacheImage?.(ramdisk, files.ramdisk)
  return aGuest({ id: systemRandom.uuid(), ram: 128, machine: 'q35', kernel: { kernel, ramdisk, commandLine }, ...changes })
}

/** Boots from its root disk. */
export async function diskGuest(driver: Driver, changes: Partial<GuestSpec> = {}): Promise<GuestSpec> {
  const files = await guestImage()
  const image = asGuestImage(files.disk, 'qcow2', diskBytes)
  await driver.cacheImage?.(image, files.disk)
  return aGuest({ id: systemRandom.uuid(), ram: 128, disks: [aDisk({ image, bytes: diskBytes })], ...changes })
}

/** The guest's log once it holds `times` login prompts. */
export function loginPrompt(driver: Driver, id: string, times = 1): Promise<string> {
  return eventually(
    `login prompt ${times} of ${id}`,
    async () => {
      const log = (await driver.consoleLog?.(id, 256 * 1024)) ?? ''
      return log.split(' login:').length > times && log
    },
    bootMs,
  )
}
