/** Where a guest's disks are and what format each has: known by role, never guessed from content. */
import { Fault } from '../core/fault.ts'
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
export function placedDisks(spec: Pick<GuestSpec, 'disks'>, paths: Pick<GuestDirectory, 'directory' | 'cache'>): PlacedDisk[] {
  let ephemerals = 0
  return spec.disks.map((disk) => {
    if (disk.role === 'extra') return extraDiskIn(paths, disk)
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

/** An extra disk with its file: both are named by its serial, never by its place among the others. */
export function extraDiskIn({ directory }: Pick<GuestDirectory, 'directory'>, disk: GuestDisk): PlacedDisk {
  const serial = extraSerial(disk.serial)
  return { disk, path: extraDiskPath({ directory }, serial), format: 'qcow2', node: `extra-${serial}`, backing: null }
}

/** The file of the extra disk with that serial. */
export const extraDiskPath = ({ directory }: Pick<GuestDirectory, 'directory'>, serial: string): string =>
  `${directory}/disk.extra-${extraSerial(serial)}`

/** Fault `invalid` for what could name another file. */
function extraSerial(serial: string | undefined): string {
  if (serial !== undefined && /^[0-9a-f]{20}$/.test(serial)) return serial
  throw new Fault('invalid', `${JSON.stringify(serial?.slice(0, 64) ?? '')} is no serial of a disk: those are 20 hex digits`)
}

/** What the guest reads as the disk's serial. */
export const serialOf = ({ disk, node }: PlacedDisk): string => disk.serial ?? node

/** The spec without the disk of that serial; the same object when it has none. */
export function withoutDisk(spec: GuestSpec, serial: string): GuestSpec {
  const disks = spec.disks.filter((disk) => disk.serial !== serial)
  return disks.length === spec.disks.length ? spec : { ...spec, disks }
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
