/** Extra disks of a qemu guest: those of its process, by what qemu was told; without one those of its definition. */
import { readGuestRecord } from '../../src/drivers/guest-record.ts'
import type { QemuContext } from '../../src/drivers/qemu/context.ts'
import { guestPaths } from '../../src/drivers/qemu/guest-paths.ts'
import { guestPid } from '../../src/drivers/qemu/guest-process.ts'
import { deviceNames, propertyOf } from '../../src/drivers/qemu/hot-device.ts'
import { withQmp } from '../../src/drivers/qemu/qmp.ts'

/** Their serials, sorted. */
export async function extraSerials(context: QemuContext, id: string): Promise<string[]> {
  const paths = guestPaths(context, id)
  if ((await guestPid(context, paths)) === undefined) {
    const disks = (await readGuestRecord(context, paths))?.spec.disks ?? []
    return disks.flatMap(({ serial }) => serial ?? []).sort()
  }
  return withQmp(context, paths.monitor, async (qmp) => {
    const names = (await deviceNames(qmp)).filter((name) => name.startsWith('disk-extra-'))
    const serials: string[] = []
    for (const name of names) serials.push(String(await propertyOf(qmp, name, 'serial')))
    return serials.sort()
  })
}
