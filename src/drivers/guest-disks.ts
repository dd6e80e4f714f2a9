/** Makes the files of a guest's disks. */
import { Fault } from '../core/fault.ts'
import { inOneGo } from '../hosts/batch.ts'
import type { GuestSpec } from './driver.ts'
import type { DriverContext } from './driver-context.ts'
import type { GuestDirectory } from './guest-directory.ts'
import { type PlacedDisk, placedDisks, serialOf } from './guest-disk.ts'
import { createEmpty, createOverlay } from './qemu-img.ts'

/** Makes the disks that are not there yet. The config drive has content and is made apart. */
export async function createDisks(context: DriverContext, paths: GuestDirectory, spec: GuestSpec): Promise<void> {
  const wanted = placedDisks(spec, paths).filter(({ disk }) => disk.role !== 'config')
  await inOneGo(context.host, async (gathered, unless) => {
    await gathered.mkdir(paths.directory)
    for (const placed of wanted) await unless(placed.path, (host) => createDisk({ ...context, host }, placed))
  })
}

/** Makes the root disk again from its image; memory saved with the old one is the caller's to drop. */
export async function recreateRootDisk(context: DriverContext, paths: GuestDirectory, spec: GuestSpec): Promise<void> {
  const root = placedDisks(spec, paths).find(({ disk }) => disk.role === 'root')
  if (!root) throw new Fault('invalid', `guest ${spec.id} has no root disk`)
  await createDisk(context, root)
}

/** Makes one disk over whatever has its name: under another name first, so that a half made one is never taken for whole. */
export async function createDisk({ host }: DriverContext, { disk, path, format, backing }: PlacedDisk): Promise<void> {
  const target = `${path}.new`
  if (backing) {
    await createOverlay(host, { backing: backing.path, backingFormat: backing.format, target, bytes: disk.bytes })
  } else {
    await createEmpty(host, { target, format, bytes: disk.bytes })
  }
  if (disk.role === 'swap') await host.run(['mkswap', '--', target])
  if (disk.role === 'ephemeral') await host.run(['mkfs.ext4', '-q', '-F', '-L', 'ephemeral0', '--', target])
  await host.rename(target, path)
}

/** Makes the file of an extra disk unless it is there; one that must be there and is not is lost: `not-found`. */
export async function provideExtraDisk(context: DriverContext, placed: PlacedDisk, mustExist: boolean): Promise<void> {
  if (await context.host.stat(placed.path)) return
  if (mustExist) throw new Fault('not-found', `host ${context.host.name} has no disk ${serialOf(placed)}: ${placed.path} is gone`)
  await createDisk(context, placed)
}

/** Removes the file of an extra disk that no guest has any more, and what a call that died left of it. */
export async function dropExtraDisk({ host }: DriverContext, path: string): Promise<void> {
  for (const file of [path, `${path}.new`]) await host.remove(file)
}
