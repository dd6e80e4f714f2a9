/** A rescued guest boots another disk and sees its own root as the next one. */

import type { GuestImage } from '../driver.ts'
import type { DriverContext } from '../driver-context.ts'
import { placedDisks } from '../guest-disk.ts'
import { createDisk } from '../guest-disks.ts'
import { bootSpec, type GuestRecord, writeGuestRecord } from '../guest-record.ts'
import type { LibvirtPaths } from './guest-paths.ts'
import { bootGuest, redefine, requireRecord } from './start-guest.ts'
import { stopGuest } from './stop-guest.ts'

/** Starts the guest from a fresh disk of `image`; nothing happens to one that is in that rescue already. */
export async function rescueGuest(context: DriverContext, paths: LibvirtPaths, image: GuestImage): Promise<void> {
  const record = await requireRecord(context, paths)
  const { id } = record.spec
  if (record.rescue?.digest === image.digest) return bootGuest(context, paths, id)
  await stopGuest(context, paths, id, 0)
  const rescued: GuestRecord = { ...record, rescue: image }
  for (const placed of rescueDisks(rescued, paths)) await createDisk(context, placed)
  await writeGuestRecord(context, paths, rescued)
  await redefine(context, paths, rescued, true)
}

/** Goes back to the guest's own root disk and throws the rescue disk away. */
export async function unrescueGuest(context: DriverContext, paths: LibvirtPaths): Promise<void> {
  const record = await requireRecord(context, paths)
  const { id } = record.spec
  if (record.rescue === null) return bootGuest(context, paths, id)
  await stopGuest(context, paths, id, 0)
  const own: GuestRecord = { ...record, rescue: null }
  await writeGuestRecord(context, paths, own)
  for (const { path } of rescueDisks(record, paths)) await context.host.remove(path)
  await redefine(context, paths, own, true)
}

const rescueDisks = (record: GuestRecord, paths: LibvirtPaths) =>
  placedDisks(bootSpec(record), paths).filter(({ disk }) => disk.role === 'rescue')
