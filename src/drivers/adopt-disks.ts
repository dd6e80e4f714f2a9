/** Makes a guest of disks that came from another host. */
import { Fault } from '../core/fault.ts'
import type { GuestSpec } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import type { GuestDirectory } from './guest-directory.ts'
import { type PlacedDisk, placedDisks, serialOf } from './guest-disk.ts'
import { createDisks } from './guest-disks.ts'
import { readGuestRecord, writeGuestRecord } from './guest-record.ts'
import { rebase, resize } from './qemu-img.ts'

/** Fits what arrived to the spec, makes what is missing and writes the guest's record: same machine as ever. Root and extra disks must have arrived. */
export async function adoptDisks(context: DriverContext, paths: GuestDirectory, spec: GuestSpec): Promise<void> {
  for (const placed of placedDisks(spec, paths)) {
    if (await context.host.stat(placed.path)) await fitDisk(context, placed)
    else if (placed.disk.role === 'root' || placed.disk.role === 'extra')
      throw new Fault('not-found', `disk ${serialOf(placed)} of guest ${spec.id} did not arrive on host ${context.host.name}`)
  }
  await createDisks(context, paths, spec)
  const arrived = await readGuestRecord(context, paths)
  const machineType = arrived?.spec.machine === spec.machine ? arrived.machineType : undefined
  await writeGuestRecord(context, paths, { spec, rescue: null, ...(machineType === undefined ? {} : { machineType }) })
}

/** The image below has another path here, and a larger flavor a larger disk; both may be said again. */
async function fitDisk({ host }: DriverContext, { disk, path, format, backing }: PlacedDisk): Promise<void> {
  if (backing) await rebase(host, { backing: backing.path, backingFormat: backing.format, target: path })
  if (disk.bytes > 0 && (disk.role === 'root' || disk.role === 'ephemeral'))
    await resize(host, { path, format, bytes: disk.bytes })
}
