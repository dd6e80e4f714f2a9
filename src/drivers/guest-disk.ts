/** Where a guest's disks are and what format each has: known by role, never guessed from content. */
import type { GuestDisk, GuestImage, GuestSpec } from './driver.ts'
import type { GuestDirectory } from './guest-directory.ts'

export interface PlacedDisk {
  readonly disk: GuestDisk
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  /** Name of the disk inside qemu. */
  readonly node: string
  /** The cached image below it. */
  readonly backing: { readonly path: string; readonly format: 'raw' | 'qcow2' } | null
}

/** Every disk of the guest with its file, in the order the guest sees them. */
export function placedDisks(spec: GuestSpec, paths: Pick<GuestDirectory, 'directory' | 'cache'>): PlacedDisk[] {
  let ephemerals = 0
  return spec.disks.map((disk) => {
    const index = disk.role === 'ephemeral' ? ephemerals++ : 0
    return {
      disk,
      path: `${paths.directory}/${fileName(disk.role, index)}`,
      format: disk.role === 'root' || disk.role === 'rescue' ? 'qcow2' : 'raw',
      node: disk.role === 'ephemeral' ? `ephemeral${index}` : disk.role,
      backing: disk.image && { path: cachedImagePath(paths, disk.image), format: backingFormat(disk.image) },
    }
  })
}

/** The image's file in the host's cache. */
export const cachedImagePath = (paths: Pick<GuestDirectory, 'cache'>, image: GuestImage): string =>
  `${paths.cache}/${image.digest}`

function fileName(role: GuestDisk['role'], index: number): string {
  switch (role) {
    case 'root':
      return 'disk'
    case 'ephemeral':
      return `disk.eph${index}`
    default:
      return `disk.${role}`
  }
}

/** An ISO is a raw disk to a guest. */
const backingFormat = (image: GuestImage) => (image.format === 'qcow2' ? ('qcow2' as const) : ('raw' as const))
