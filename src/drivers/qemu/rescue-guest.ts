/** Rescue: the guest boots another disk and sees its own root as the next one. */
import type { GuestImage } from '../driver.ts'
import { placedDisks } from '../guest-disk.ts'
import { createDisk } from '../guest-disks.ts'
import { bootSpec, type GuestRecord, writeGuestRecord } from '../guest-record.ts'
import type { QemuContext } from './context.ts'
import type { GuestPaths } from './guest-paths.ts'
import { bootGuest, bootStopped, requireRecord } from './start-guest.ts'
import { stopGuest } from './stop-guest.ts'

/** Starts the guest from a fresh disk of `image`; nothing happens to one that is in that rescue already. */
export async function rescueGuest(context: QemuContext, paths: GuestPaths, image: GuestImage): Promise<void> {
  const record = await requireRecord(context, paths)
  if (record.rescue?.digest !== image.digest) {
    await stopGuest(context, paths, 0)
    const rescued: GuestRecord = { ...record, rescue: image }
    for (const placed of placedDisks(bootSpec(rescued), paths)) {
      if (placed.disk.role === 'rescue') await createDisk(context, placed)
    }
    await writeGuestRecord(context, paths, rescued)
    return bootStopped(context, paths, rescued)
  }
  await bootGuest(context, paths, record)
}

/** Goes back to the guest's own root disk and throws the rescue disk away. */
export async function unrescueGuest(context: QemuContext, paths: GuestPaths): Promise<void> {
  const record = await requireRecord(context, paths)
  if (record.rescue === null) return bootGuest(context, paths, record)
  await stopGuest(context, paths, 0)
  const own: GuestRecord = { ...record, rescue: null }
  await writeGuestRecord(context, paths, own)
  for (const placed of placedDisks(bootSpec(record), paths)) {
    if (placed.disk.role === 'rescue') await context.host.remove(placed.path)
  }
  await bootStopped(context, paths, own)
}
